using System.Globalization;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>The best cell of each optimizer against that of the first, seed by seed: same weights, same batches.</summary>
internal static class PairedDifferences
{
    /// <summary>Student's t that 95 percent of differences stay within, for 1, 2, … degrees of freedom.</summary>
    private static readonly double[] Student =
        [
            12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131, 2.120,
            2.110, 2.101, 2.093,
        ];

    /// <summary>
    /// A sentence an optimizer: with three common seeds and more the mean difference in points and its 95 percent interval,
    /// with fewer, of which an interval would say nothing, the differences themselves.
    /// </summary>
    public static IReadOnlyList<string> Of(IReadOnlyList<Summary> cells, IReadOnlyList<RunResult> results)
    {
        var best = cells.Where(cell => cell.BestOfOptimizer).Select(cell => cell.Spec).ToList();
        return [.. best.Skip(1).Select(spec => Sentence(spec, best[0], results)).OfType<string>()];
    }

    /// <summary>Mean and half the width of the 95 percent interval.</summary>
    public static (double Mean, double HalfWidth) Interval(IReadOnlyList<double> values)
    {
        var mean = values.Average();
        var deviation = Math.Sqrt(values.Sum(x => (x - mean) * (x - mean)) / (values.Count - 1));
        return (mean, Student[Math.Min(values.Count - 1, Student.Length) - 1] * deviation / Math.Sqrt(values.Count));
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
