using System.Globalization;
using MathNet.Numerics.Distributions;
using MathNet.Numerics.Statistics;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>The best cell of each optimizer against that of the first, seed by seed: same weights, same batches.</summary>
internal static class PairedDifferences
{
    /// <summary>
    /// A sentence an optimizer: with three common seeds and more the mean difference in points and its 95 percent interval,
    /// with fewer, of which an interval would say nothing, the differences themselves.
    /// </summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<Summary> cells, IReadOnlyList<RunResult> results)
    {
        var best = cells.Where(cell => cell.BestOfOptimizer).Select(cell => cell.Spec).ToList();
        return [.. best.Skip(1).Select(spec => Sentence(spec, best[0], results)).OfType<string>()];
    }

    /// <summary>Mean and half the width of the 95 percent interval, by Student's t; two values at least.</summary>
    public static (double Mean, double HalfWidth) Interval(IReadOnlyList<double> values)
    {
        var (mean, deviation) = values.MeanStandardDeviation();
        var t = StudentT.InvCDF(0, 1, values.Count - 1, 0.975);
        return (mean, t * deviation / Math.Sqrt(values.Count));
    }

    private static string? Sentence(OptimizerSpec spec, OptimizerSpec reference, IReadOnlyList<RunResult> results)
    {
        var other = Final(reference, results);
        var differences = Final(spec, results).Where(run => other.ContainsKey(run.Key))
            .Select(run => 100 * (run.Value - other[run.Key])).ToList();
        if (differences.Count == 0)
            return null;
        var names = $"{Name(spec)} against {Name(reference)}";
        if (differences.Count < 3)
        {
            var points = differences.Select(d => d.ToString("+0.00;-0.00", CultureInfo.InvariantCulture));
            return $"{names}: {string.Join(" and ", points)} points ({(points.Count() == 1 ? "one seed" : "two paired seeds")})";
        }

        var (mean, half) = Interval(differences);
        return string.Create(CultureInfo.InvariantCulture,
            $"{names}: {mean:+0.00;-0.00} ± {half:0.00} points (95 percent, {differences.Count} paired seeds)");
    }

    private static string Name(OptimizerSpec spec) =>
        string.Create(CultureInfo.InvariantCulture, $"{OptimizerFactory.Title(spec.Optimizer)} at {spec.Rate}");

    private static Dictionary<long, double> Final(OptimizerSpec spec, IEnumerable<RunResult> results) =>
        results.Where(run => run.Name.Spec == spec && run.Epochs.Count > 0)
            .ToDictionary(run => run.Name.Seed, run => run.Epochs[^1].TestAccuracy);
}
