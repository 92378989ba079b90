using ScottPlot;

namespace CurvatureStudy.Drawing;

/// <summary>The pictures of the study.</summary>
internal static class Pictures
{
    public static IEnumerable<Picture> Of(IReadOnlyList<Run> runs, IReadOnlyList<double[,]> surfaces)
    {
        yield return new("loss.png", "Training loss", Words.Loss(runs), Charts.Lines("training loss", [.. runs.Select(r =>
            Series(r.Name, r, x => x.Loss))]));
        yield return new("sharpness.png", "Sharpness against 2/rate", Words.Sharpness(runs), [.. runs.Select(Sharpness)]);
        yield return new("trace.png", "Trace of the Hessian", Words.Trace(runs), Charts.Lines("trace", [.. runs.Select(r =>
            Series(r.Name, r, x => x.Trace))]));
        yield return new("share.png", "Share of the gradient in the top eigenvectors", Words.Share(runs),
            Charts.Lines("share of ‖g‖²", [.. runs.Select(r => Series(r.Name, r, x => x.Share))]));
        yield return new("density.png", "Density of the eigenvalues at start and end", Words.Density(runs),
            [.. runs.Select(r => Charts.Densities(r.Name, r.Densities[0], r.Densities[^1]))]);
        yield return new("layers.png", "Gauss-Newton and local scales, layer by layer", Words.Layers(runs),
            Charts.Layers(runs[^1].Layers));
        yield return new("surface.png", "The loss around the last weights", Words.Surface(runs, surfaces),
            [.. runs.Zip(surfaces, (r, s) => Charts.Surface(r.Name, s))]);
    }

    private static Plot Sharpness(Run run)
    {
        var series = new List<(string, double[], double[])> { Series("largest eigenvalue of H", run, x => x.Sharpness) };
        var amended = run.Readings.Where(r => r.Amended is not null).ToList();
        if (amended.Count > 0) series.Add(("of √a H √a", [.. amended.Select(r => (double)r.Step)], [.. amended.Select(r =>
            r.Amended!.Value)]));
        series.Add(Series($"2/rate = {2 / run.Rate:0}", run, _ => 2 / run.Rate));
        var plot = Charts.Lines("eigenvalue", [.. series]);
        plot.Title(run.Name);
        return plot;
    }

    private static (string, double[], double[]) Series(string name, Run run, Func<CurvatureReading, double> value) =>
        (name, [.. run.Readings.Select(r => (double)r.Step)], [.. run.Readings.Select(value)]);
}
