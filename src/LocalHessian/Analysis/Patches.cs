using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian;

/// <summary>
/// im2col: the inputs of one group of a layer as the columns of a matrix, a column for each sample and output position.
/// </summary>
internal sealed class Patches
{
    private readonly nn.Module _layer;
    private readonly long _group;

    public Patches(nn.Module layer, long group)
    {
        (_layer, _group) = (layer, group);
        (Rows, Outputs) = layer is Convolution c
            ? (c.weight.numel() / c.out_channels, c.out_channels / c.groups)
            : (((Linear)layer).weight.shape[1], ((Linear)layer).weight.shape[0]);
    }

    /// <summary>m/g·kh·kw.</summary>
    public long Rows { get; }

    /// <summary>Output channels of the group.</summary>
    public long Outputs { get; }

    /// <summary>Output positions of a sample.</summary>
    public long Positions(Tensor input)
    {
        using var scope = NewDisposeScope();
        return Of(input.narrow(0, 0, 1)).shape[1];
    }

    /// <summary>(rows, samples·positions), samples outermost.</summary>
    public Tensor Of(Tensor input)
    {
        if (_layer is not Convolution c) return input.reshape(-1, Rows).t();
        var channels = c.in_channels / c.groups;
        var x = Padded(c, c.groups == 1 ? input : input.narrow(1, _group * channels, channels));
        var columns = c is Conv2d
            ? functional.unfold(x, (c.kernel_size[0], c.kernel_size[1]), (c.dilation[0], c.dilation[1]), (0, 0),
            (c.stride[0], c.stride[1]))
            : Unfolded(c, x);
        return columns.shape[0] == 1 ? columns[0] : columns.transpose(0, 1).reshape(Rows, -1);
    }

    // A convolution with one kernel for each entry of a patch copies that entry.
    private Tensor Unfolded(Convolution c, Tensor x)
    {
        var kernels = eye(Rows, dtype: x.dtype, device: x.device).reshape([Rows, x.shape[1], .. c.kernel_size]);
        long[] none = [.. c.kernel_size.Select(_ => 0L)];
        var y = c is Conv1d
            ? functional.conv1d(x, kernels, null, c.stride[0], 0, c.dilation[0])
            : functional.conv3d(x, kernels, null, c.stride, none, c.dilation);
        return y.flatten(2);
    }

    private static Tensor Padded(Convolution c, Tensor x)
    {
        var pads = new List<long>();
        for (var d = c.kernel_size.Length - 1; d >= 0; d--)
        {
            var total = c.padding_type == Padding.Same ? c.dilation[d] * (c.kernel_size[d] - 1) : 2 * (c.padding?[d] ?? 0);
            pads.AddRange([total / 2, total - total / 2]);
        }

        return pads.All(p => p == 0) ? x : functional.pad(x, pads.ToArray(), PaddingModes.Zeros);
    }
}
