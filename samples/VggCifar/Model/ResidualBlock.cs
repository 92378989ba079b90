using LocalHessian.Parallel;
using TorchSharp;
using TorchSharp.Modules;
using VggCifar.Ranks;
using static TorchSharp.torch;

namespace VggCifar.Model;

/// <summary>
/// ReLU(z + φ(z)), φ two convolutions with batch norm; where the shape changes the shortcut subsamples and pads with zeros
/// (option A).
/// </summary>
internal sealed class ResidualBlock : nn.Module<Tensor, Tensor>
{
    private readonly Sequential _branch;
    private readonly long _added;
    private readonly int _stride;

    public ResidualBlock(int inputs, int outputs, int stride, IRanks? together = null) : base(nameof(ResidualBlock))
    {
        (_added, _stride) = (outputs - inputs, stride);
        _branch = nn.Sequential(
            ("conv1", nn.Conv2d(inputs, outputs, 3, stride: stride, padding: 1, bias: false)),
            ("norm1", Norms.Of(outputs, together)),
            ("relu", nn.ReLU(inplace: true)),
            ("conv2", nn.Conv2d(outputs, outputs, 3, padding: 1, bias: false)),
            ("norm2", Norms.Of(outputs, together)));
        RegisterComponents();
    }

    public override Tensor forward(Tensor input)
    {
        using var branch = _branch.call(input);
        using var shortcut = Shortcut(input);
        using var sum = branch + shortcut;
        return nn.functional.relu(sum);
    }

    private Tensor Shortcut(Tensor input)
    {
        using var strided = _stride == 1
            ? input.alias()
            : input[.., .., TensorIndex.Slice(null, null, _stride), TensorIndex.Slice(null, null, _stride)];
        return _added == 0 ? strided.alias() : nn.functional.pad(strided, [0, 0, 0, 0, 0, _added]);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _branch.Dispose();
        base.Dispose(disposing);
    }
}
