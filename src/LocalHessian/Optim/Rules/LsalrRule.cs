namespace LocalHessian.Optim;

/// <summary>1 + log(1 + 1/‖δW‖₂); one where the gradient is zero (MATH §8).</summary>
internal sealed class LsalrRule : LayerwiseRule
{
    protected override Tensor Ratios(IReadOnlyList<ParameterUpdate> updates)
    {
        var gradients = GradientNormsOf(updates);
        return where(gradients > 0, 1 + gradients.reciprocal().log1p(), ones_like(gradients));
    }
}
