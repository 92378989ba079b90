namespace LocalHessian.Optim;

/// <summary>1 + log(1 + 1/‖δW‖₂); one where the gradient is zero (MATH §8).</summary>
internal sealed class LsalrRule : LayerwiseRule
{
    protected override Tensor Ratios(IReadOnlyList<ParameterUpdate> updates)
    {
        var gradients = GradientNormsOf(updates);
        // Named, so that no finalizer takes them while they are in use.
        using Scalar zero = 0, one = 1;
        return where(gradients.gt(zero), gradients.reciprocal().log1p().add(one), ones_like(gradients));
    }
}
