using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian;

/// <summary>What a layer's weight meets and what it makes, with the positions that share the weight as the last dimension.</summary>
internal static class LayerRows
{
    /// <summary><c>[rows, inputs, positions]</c>: the input of a linear layer, the patches (im2col) of a convolution.</summary>
    public static Tensor Inputs(nn.Module layer, Tensor input)
    {
        if (layer is TorchSharp.Modules.Linear) return input.dim() == 2 ? input.unsqueeze(2) : input.reshape(input.shape[0], -1, input.shape[^1]).transpose(1, 2);
        var c = (Convolution)layer;
        var x = Padded(c, input);
        return c.kernel_size.Length switch
        {
            1 => functional.unfold(x.unsqueeze(2), (1, c.kernel_size[0]), (1, c.dilation[0]), (0, 0), (1, c.stride[0])),
            2 => functional.unfold(x, (c.kernel_size[0], c.kernel_size[1]), (c.dilation[0], c.dilation[1]), (0, 0), (c.stride[0], c.stride[1])),
            _ => Volumes(c, x),
        };
    }

    /// <summary><c>[rows, outputs, positions]</c>.</summary>
    public static Tensor Outputs(nn.Module layer, Tensor output)
    {
        if (layer is not TorchSharp.Modules.Linear) return output.flatten(2);
        return output.dim() == 2 ? output.unsqueeze(2) : output.reshape(output.shape[0], -1, output.shape[^1]).transpose(1, 2);
    }

    // A convolution with one kernel for each entry of a patch copies that entry.
    private static Tensor Volumes(Convolution c, Tensor x)
    {
        var rows = c.weight!.numel() / c.out_channels;
        var kernels = eye(rows, dtype: x.dtype, device: x.device).reshape([rows, x.shape[1], .. c.kernel_size]);
        return functional.conv3d(x, kernels, null, c.stride, [0, 0, 0], c.dilation).flatten(2);
    }

    private static Tensor Padded(Convolution c, Tensor x)
    {
        var pads = new List<long>();
        for (var d = c.kernel_size.Length - 1; d >= 0; d--)
        {
            var total = c.padding_type == Padding.Same ? c.dilation[d] * (c.kernel_size[d] - 1) : 2 * (c.padding?[d] ?? 0);
            pads.AddRange([total / 2, total - total / 2]);
        }

        return pads.TrueForAll(p => p == 0) ? x : functional.pad(x, pads.ToArray(), c.padding_mode);
    }
}
