namespace LocalHessian.Parallel;

/// <summary>A sum over ranks that can be differentiated: y = Σ_r x_r on every rank.</summary>
/// <remarks>
/// The loss of all ranks is J = Σ_r (n_r/n)·J_r, J_r the mean over rank r's n_r samples, and an average over ranks turns ∂J_r
/// into ∂J. So rank s owes its average (n/n_s)·∂J/∂x_s = Σ_r n_r·(∂J_r/∂y) / n_s; with no samples, zero. The backward pass is
/// collective as the forward pass is.
/// </remarks>
internal sealed class RankSum : autograd.SingleTensorFunction<RankSum>
{
    private const string RanksKey = "ranks", SamplesKey = "samples";

    public override string Name => nameof(RankSum);

    /// <summary>The sum.</summary>
    /// <param name="value">x_r, as large on every rank.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="samples">n_r, or anything in proportion to it.</param>
    public static Tensor Of(Tensor value, IRanks ranks, double samples) => apply(value, ranks, samples);

    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var (value, ranks) = ((Tensor)vars[0], (IRanks)vars[1]);
        ctx.save_data(RanksKey, ranks);
        ctx.save_data(SamplesKey, vars[2]);
        var sum = value.clone();
        ranks.Sum([sum]);
        return sum;
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        var (ranks, samples) = ((IRanks)ctx.get_data(RanksKey), (double)ctx.get_data(SamplesKey));
        var sum = grad_output.clone();
        ranks.Sum([sum], samples);
        if (samples == 0) sum.zero_();
        else
        {
            using var divisor = samples.ToScalar();
            sum.div_(divisor);
        }

        return [sum, null!, null!];
    }
}
