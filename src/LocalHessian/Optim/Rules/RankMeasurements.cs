using LocalHessian.Parallel;

namespace LocalHessian.Optim;

/// <summary>
/// What the ranks have measured, averaged over samples: the same numbers on all, however often each of them has measured.
/// </summary>
internal static class RankMeasurements
{
    /// <summary>The first measurement of each rank, then the second, as long as any rank has another. Collective.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="samples">This rank's weight.</param>
    /// <param name="own">What this one has measured; it is disposed.</param>
    /// <param name="count">How many parameters are measured.</param>
    /// <param name="device">Where values are to be.</param>
    public static IEnumerable<ScaleMeasurement.Reading> Average(
        IRanks ranks, double samples, IReadOnlyList<ScaleMeasurement.Reading> own, int count, Device device)
    {
        for (var i = 0; ranks.Any(i < own.Count); i++)
        {
            if (Average(ranks, samples, i < own.Count ? own[i] : null, count, device) is { } mean) yield return mean;
        }
    }

    private static ScaleMeasurement.Reading? Average(IRanks ranks, double samples, ScaleMeasurement.Reading? own, int count,
        Device device)
    {
        // In one sum: weighted values, the weights of those that count, the same of the number of outputs.
        var sums = new double[2 * count + 2];
        if (own is not null)
        {
            using var host = own.Values.cpu();
            own.Values.Dispose();
            var values = host.data<double>().ToArray();
            for (var i = 0; i < count; i++)
            {
                if (!own.Reached[i] || !double.IsFinite(values[i])) continue;
                (sums[i], sums[count + i]) = (samples * values[i], samples);
            }

            (sums[2 * count], sums[2 * count + 1]) = (samples * own.Outputs, samples);
        }

        ranks.Sum(sums);
        if (sums[2 * count + 1] == 0) return null; // measured by ranks without samples alone
        var reached = Enumerable.Range(0, count).Select(i => sums[count + i] > 0).ToArray();
        var means = Enumerable.Range(0, count).Select(i => reached[i] ? sums[i] / sums[count + i] : 0).ToArray();
        return new(tensor(means, ScalarType.Float64, device).DetachFromDisposeScope(), reached,
            sums[2 * count] / sums[2 * count + 1]);
    }
}
