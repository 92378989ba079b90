using System.Globalization;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>A line with a band: mean, least and greatest over the seeds at each epoch.</summary>
internal sealed record Curve(string Optimizer, string Legend, double[] X, double[] Mean, double[] Least, double[] Greatest)
{
    /// <summary>The curve of a cell of the grid; it ends where its first run ends or leaves the finite numbers.</summary>
    public static Curve Over(OptimizerSpec spec, IReadOnlyList<RunResult> runs, Func<EpochRecord, double> value)
    {
        var columns = Enumerable.Range(0, runs.Min(run => run.Epochs.Count))
            .Select(i => runs.Select(run => value(run.Epochs[i])).ToList())
            .TakeWhile(values => values.All(double.IsFinite))
            .ToList();
        return new Curve(
            spec.Optimizer,
            string.Create(CultureInfo.InvariantCulture, $"{OptimizerFactory.Title(spec.Optimizer)}, rate {spec.Rate}"),
            [.. Enumerable.Range(1, columns.Count).Select(i => (double)i)],
            [.. columns.Select(values => values.Average())],
            [.. columns.Select(values => values.Min())],
            [.. columns.Select(values => values.Max())]);
    }
}
