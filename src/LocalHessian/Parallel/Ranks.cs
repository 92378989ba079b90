namespace LocalHessian.Parallel;

/// <summary>What follows from a sum over ranks. Collective, as <see cref="IRanks.Sum"/> is.</summary>
public static class Ranks
{
    /// <summary>Replaces each number by its sum over ranks.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="values">As many numbers on every rank. NaN and infinity on one rank reach all.</param>
    public static void Sum(this IRanks ranks, double[] values)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(values);
        using var scope = NewDisposeScope();
        var sums = tensor(values, ScalarType.Float64, CPU);
        ranks.Sum([sums]);
        if (values.Length > 0) sums.data<double>().CopyTo(values);
    }

    /// <summary>
    /// Replaces each tensor by its mean over samples, Σ_r n_r·t_r / Σ_r n_r, where t_r is a mean over rank r's n_r samples.
    /// </summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="tensors">As for <see cref="IRanks.Sum"/>.</param>
    /// <param name="samples">This rank's n_r, not negative. With 0 its tensors count for nothing whatever they hold.</param>
    /// <exception cref="InvalidOperationException">No rank has samples; thrown on all ranks alike, before anything
    /// changes.</exception>
    public static void Average(this IRanks ranks, IReadOnlyList<Tensor> tensors, double samples = 1)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ThrowUnlessSamples(samples);
        var all = new[] { samples };
        Sum(ranks, all);
        ranks.Sum(tensors, samples / ThrowIfNone(all[0]));
    }

    /// <summary>Whether any rank says so: the same answer on all.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="here">What this rank says.</param>
    public static bool Any(this IRanks ranks, bool here)
    {
        var yes = new[] { here ? 1.0 : 0 };
        Sum(ranks, yes);
        return yes[0] > 0;
    }

    /// <summary>Refuses what can be no number of samples.</summary>
    internal static void ThrowUnlessSamples(double samples) =>
        Finite.ThrowIfNegative(samples, "The number of samples", nameof(samples));

    /// <summary>The samples of all ranks, unless there are none.</summary>
    internal static double ThrowIfNone(double samples) =>
        samples > 0 ? samples : throw new InvalidOperationException("No rank has samples, so there is no mean over them.");
}
