using ScottPlot;
using VggCifar.Drawing;

namespace CurvatureStudy.Drawing;

/// <summary>The pictures of the study.</summary>
internal static class Pictures
{
    /// <summary>A loss below this is drawn as this.</summary>
    private const double LeastLoss = 1e-6;

    public static IEnumerable<Picture> Of(IReadOnlyList<Run> runs, IReadOnlyList<double[,]> surfaces)
    {
        yield return new("loss.png", "Training loss", Words.Loss(runs), Charts.Lines("training loss", true, [.. runs.Select(r =>
            Series(r.Name, r, x => Math.Max(x.Loss, LeastLoss)))]));
        yield return new("sharpness.png", "Sharpness against 2/rate", Words.Sharpness(runs), Sharpness(runs));
        yield return new("trace.png", "Trace of the Hessian", Words.Trace(runs), Charts.Lines("trace ± standard error", false,
            [.. runs.Select(r => Series(r.Name, r, x => x.Trace) with { Item4 = [.. r.Readings.Select(x => x.TraceError)] })]));
        yield return new("share.png", "Share of the gradient in the top eigenvectors", Words.Share(runs),
            Charts.Lines("share of the squared gradient ‖g‖²", false, [.. runs.Select(r => Series(r.Name, r, x => x.Share))]));
        yield return new("density.png", "Density of the eigenvalues at start and end", Words.Density(runs),
            [.. runs.Select(r => Charts.Densities(r.Name, r.Densities[0], r.Densities[^1]))]);
        yield return new("layers.png", "Gauss-Newton and local scales, layer by layer", Words.Layers(runs),
            Charts.Layers(runs[^1].Layers));
        var losses = surfaces.SelectMany(s => s.Cast<double>()).Where(double.IsFinite).Select(v => Math.Max(v, LeastLoss))
            .ToList();
        var (least, greatest) = (losses.Min(), Math.Max(losses.Max(), 1.1 * losses.Min()));
        yield return new("surface.png", "The loss around the last weights", Words.Surface(runs, surfaces),
            [.. runs.Zip(surfaces, (r, s) => Charts.Surface(r.Name, s, least, greatest))])
        { SideBySide = true };
    }

    /// <summary>One under another, with the same axes.</summary>
    private static Plot[] Sharpness(IReadOnlyList<Run> runs)
    {
        Plot[] plots = [.. runs.Select(Sharpness)];
        var top = plots.Max(plot => plot.Axes.GetLimits().Top);
        foreach (var plot in plots) plot.Axes.SetLimitsY(0, top);
        return plots;
    }

    private static Plot Sharpness(Run run)
    {
        var series = new List<(string, double[], double[], double[]?)>
        {
            Series("largest eigenvalue of H", run, x => x.Sharpness),
        };
        var amended = run.Readings.Where(r => r.Amended is not null).ToList();
        if (amended.Count > 0)
            series.Add(("with multipliers, √a H √a", [.. amended.Select(r => (double)r.Step)], [.. amended.Select(r =>
                r.Amended!.Value)], null));
        var plot = Charts.Lines("eigenvalue", false, [.. series]);
        Style.Title(plot, run.Name);
        var limit = 2 / run.Rate;
        Style.Line(plot, 6, 0, $"2/rate = {Numbers.About(limit)}", [.. run.Readings.Select(r => (double)r.Step)],
            [.. run.Readings.Select(_ => limit)]).LineWidth = 1.5f;
        plot.Axes.SetLimitsY(0, 1.4 * Math.Max(plot.Axes.GetLimits().Top, 1.08 * limit)); // room for the legend
        return plot;
    }

    private static (string, double[], double[], double[]?) Series(string name, Run run, Func<CurvatureReading, double> value) =>
        (name, [.. run.Readings.Select(r => (double)r.Step)], [.. run.Readings.Select(value)], null);
}
