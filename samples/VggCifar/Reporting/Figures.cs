using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>The pictures: Figures 1 and 2 of the paper, and accuracy against learning rate when several were tried.</summary>
internal static class Figures
{
    private const string TrainingLoss = "training-loss.png", TestError = "test-error.png", Rates = "rates.png";

    public static readonly IReadOnlyList<string> Names = [TrainingLoss, TestError, Rates];

    /// <summary>Draws them into the folder; returns the files drawn.</summary>
    public static IReadOnlyList<string> Draw(RunFolder folder, Settings settings, IReadOnlyList<RunResult> results)
    {
        var pictures = Of(settings, results);
        foreach (var (name, plot) in pictures)
            Plots.Save(plot, folder.In(name));
        return [.. pictures.Select(picture => folder.In(picture.Name))];
    }

    /// <summary>The pictures before they are drawn.</summary>
    public static IReadOnlyList<(string Name, ScottPlot.Plot Plot)> Of(Settings settings, IReadOnlyList<RunResult> results)
    {
        var summary = Summary.Of(results);
        var best = summary.Where(cell => cell.BestOfOptimizer).Select(cell => cell.Spec).ToList();
        var curves = best.Select(spec => (spec, runs: results.Where(result => result.Name.Spec == spec).ToList())).ToList();
        List<(string, ScottPlot.Plot)> pictures =
        [
            (TrainingLoss, Over("training loss", e => e.TrainLoss)),
            (TestError, Over("test error, percent", e => 100 * (1 - e.TestAccuracy))),
        ];
        if (summary.GroupBy(cell => cell.Spec.Optimizer).Any(group => group.DistinctBy(cell => cell.Spec.Rate).Count() > 1))
            pictures.Add((Rates, Plots.Rates(Title(settings), summary)));
        return pictures;

        ScottPlot.Plot Over(string axis, Func<EpochRecord, double> value) =>
            Plots.Curves(Title(settings), axis, [.. curves.Select(c => Curve.Over(c.spec, c.runs, value))]);
    }

    private static string Title(Settings s) => string.Create(System.Globalization.CultureInfo.InvariantCulture,
        $"{s.Network.ToUpperInvariant()}, width × {s.Width}, {s.Data}, {s.Seeds.Count} seed{(s.Seeds.Count == 1 ? "" : "s")}");
}
