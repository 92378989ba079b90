namespace LocalHessian;

/// <summary>M = Λ, the loss's Hessian with respect to the output.</summary>
internal sealed class GaussNewtonProduct(CurvatureLoss loss) : JacobianProduct
{
    protected override Func<Tensor, Tensor> Middle(Tensor output, Tensor target, IDisposable? pass) =>
        loss.Hessian(output, target);
}

/// <summary>M = E_y[∇ℓ ∇ℓᵀ] by the roots of probabilities, the expectation taken exactly.</summary>
internal sealed class FisherProduct(LikelihoodLoss loss) : JacobianProduct
{
    protected override Func<Tensor, Tensor> Middle(Tensor output, Tensor target, IDisposable? pass)
    {
        var root = loss.Root(output);
        return direction => root.Multiply(root.MultiplyTransposed(direction));
    }
}

/// <summary>M = ∇ℓ ∇ℓᵀ of each sample, at its own target.</summary>
internal sealed class EmpiricalFisherProduct(CurvatureLoss loss) : JacobianProduct
{
    protected override Func<Tensor, Tensor> Middle(Tensor output, Tensor target, IDisposable? pass)
    {
        var scores = loss.Gradient(output, target);
        return direction => OuterProducts(scores, direction);
    }

    /// <summary>s_i s_iᵀ u_i for each row i.</summary>
    internal static Tensor OuterProducts(Tensor scores, Tensor direction)
    {
        long[] rows = [direction.shape[0], .. Enumerable.Repeat(1L, (int)direction.dim() - 1)];
        return scores * (scores * direction).reshape(direction.shape[0], -1).sum(1).reshape(rows);
    }
}

/// <summary>
/// M = the mean of ∇ℓ ∇ℓᵀ over targets drawn from the model, the same in every pass and however the data are split.
/// </summary>
internal sealed class MonteCarloFisherProduct(LikelihoodLoss loss, int draws, long seed) : JacobianProduct
{
    public override IDisposable Begin() => new SampledScores(loss, draws, seed);

    protected override Func<Tensor, Tensor> Middle(Tensor output, Tensor target, IDisposable? pass)
    {
        var scores = ((SampledScores)pass!).Next(output);
        return direction =>
        {
            var sum = zeros_like(direction);
            foreach (var s in scores) sum.add_(EmpiricalFisherProduct.OuterProducts(s, direction));
            return sum.div_(draws);
        };
    }
}
