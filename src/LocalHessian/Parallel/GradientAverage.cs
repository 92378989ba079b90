namespace LocalHessian.Parallel;

/// <summary>Gradients of the whole batch out of those that each rank has computed on its rows of it.</summary>
public static class GradientAverage
{
    /// <summary>
    /// Replaces each gradient by its mean over samples, Σ_r n_r·g_r / Σ_r n_r, where g_r is the gradient of a mean over rank r's
    /// n_r samples. Collective.
    /// </summary>
    /// <remarks>
    /// The optimizers here call it in their step once they have <see cref="Optim.ScaledSGD.Ranks"/>; call it for another
    /// optimizer, or before clipping (to average equal gradients once more changes nothing but rounding). Where one rank has a
    /// gradient and another has none, that other's counts as zero, and it gets one.
    /// </remarks>
    /// <param name="ranks">The ranks.</param>
    /// <param name="parameters">The same parameters on every rank, in one order. Those without a gradient on any rank keep
    /// none.</param>
    /// <param name="samples">n_r, not negative. With 0 this rank's gradients count for nothing, whatever they hold.</param>
    /// <exception cref="InvalidOperationException">
    /// No rank has samples, or a parameter is frozen on some ranks only; thrown on all ranks, before anything changes. Or a
    /// gradient is sparse.
    /// </exception>
    public static void AverageGradients(this IRanks ranks, IReadOnlyList<Parameter> parameters, double samples = 1)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(parameters);
        Ranks.ThrowUnlessSamples(samples);
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        // In one sum: the samples, who has a gradient, who has frozen.
        var sums = new double[1 + 2 * parameters.Count];
        sums[0] = samples;
        for (var i = 0; i < parameters.Count; i++)
        {
            var frozen = !parameters[i].requires_grad;
            if (parameters[i].grad is { is_sparse: true })
                throw new InvalidOperationException("A gradient is sparse; dense ones are needed. Build embeddings without "
                    + "sparse gradients.");
            sums[1 + i] = !frozen && parameters[i].grad is not null ? 1 : 0;
            sums[1 + parameters.Count + i] = frozen ? 1 : 0;
        }

        ranks.Sum(sums);
        var all = Ranks.ThrowIfNone(sums[0]);
        ThrowIfFrozenApart(ranks, parameters, sums.AsSpan(1 + parameters.Count));
        var gradients = new List<Tensor>();
        for (var i = 0; i < parameters.Count; i++)
        {
            if (sums[1 + i] == 0) continue;
            if (parameters[i].grad is null) parameters[i].grad = zeros_like(parameters[i]);
            gradients.Add(parameters[i].grad!);
        }

        ranks.Sum(gradients, samples / all);
    }

    private static void ThrowIfFrozenApart(IRanks ranks, IReadOnlyList<Parameter> parameters, ReadOnlySpan<double> frozen)
    {
        for (var i = 0; i < frozen.Length; i++)
        {
            if (frozen[i] > 0 && frozen[i] < ranks.Size)
                throw new InvalidOperationException(
                    $"Parameter {i + 1}, of shape {Describe.Shape(parameters[i])}, is frozen (requires_grad false) on "
                    + $"{frozen[i]} of {ranks.Size} ranks: freeze it on all or none.");
        }
    }
}
