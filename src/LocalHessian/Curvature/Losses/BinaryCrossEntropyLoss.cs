namespace LocalHessian;

/// <summary>log(1 + e^f) − y·f.</summary>
internal sealed class BinaryCrossEntropyLoss : ElementwiseLoss
{
    internal override string Name => "The binary cross entropy";

    internal override Tensor Sum(Tensor output, Tensor target) =>
        nn.functional.binary_cross_entropy_with_logits(output, target, reduction: nn.Reduction.Sum);

    protected override Tensor Mean(Tensor output) => output.sigmoid();

    protected override Tensor Variance(Tensor output)
    {
        var p = output.sigmoid();
        return p * (1 - p);
    }

    protected override Tensor Draw(Tensor output, Tensor uniforms) => (uniforms < output.sigmoid()).to(output.dtype);
}
