namespace LocalHessian;

/// <summary>½‖f − y‖².</summary>
internal sealed class SquaredErrorLoss : ElementwiseLoss
{
    internal override string Name => "The squared error";

    internal override Tensor Sum(Tensor output, Tensor target) => (output - target).square().sum() * 0.5;

    protected override Tensor Mean(Tensor output) => output;

    protected override Tensor Variance(Tensor output) => ones_like(output);

    protected override Tensor Draw(Tensor output, Tensor uniforms) => output + (2 * uniforms - 1).erfinv() * Math.Sqrt(2);
}
