using LocalHessian.Spectra;
using ScottPlot;
using VggCifar.Drawing;

namespace CurvatureStudy.Drawing;

/// <summary>The kinds of chart.</summary>
internal static class Charts
{
    /// <summary>The least density that is shown; below it lie tails of the smoothing.</summary>
    private const double LeastDensity = 1e-7;

    /// <summary>Lines over training steps, with a band of the error where there is one.</summary>
    public static Plot Lines(string y, bool logarithmic, params (string Name, double[] X, double[] Y, double[]? Error)[] series)
    {
        var plot = Style.Start("training step", y);
        foreach (var ((name, xs, ys, error), i) in series.Select((s, i) => (s, i)))
        {
            if (error is not null)
            {
                var band = plot.Add.FillY(xs, [.. ys.Zip(error, (v, e) => v - e)], [.. ys.Zip(error, (v, e) => v + e)]);
                band.FillColor = Style.Colour(i).WithAlpha(0.15);
                band.LineWidth = 0;
            }

            var line = Style.Line(plot, i, name, xs, logarithmic ? [.. ys.Select(Math.Log10)] : ys);
            line.MarkerShape = Style.Shape(i);
            line.MarkerSize = 7;
        }

        if (logarithmic) Style.Logarithmic(plot.Axes.Left);
        else plot.Axes.SetLimitsY(Math.Min(0, series.Min(s => s.Y.Min())), 1.08 * series.Max(s =>
            s.Y.Zip(s.Error ?? new double[s.Y.Length], (v, e) => v + e).Max()));
        return plot;
    }

    /// <summary>Two spectra as smoothed densities on a logarithmic axis, cut at <see cref="LeastDensity"/>.</summary>
    public static Plot Densities(string title, SpectralMeasure start, SpectralMeasure end)
    {
        var plot = Style.Start("eigenvalue", "density", title);
        var (low, high) = (Math.Min(start.Nodes[0], end.Nodes[0]), Math.Max(start.Nodes[^1], end.Nodes[^1]));
        var width = (high - low) / 150;
        var x = Enumerable.Range(0, 601).Select(i => low - 5 * width + (high - low + 10 * width) * i / 600).ToArray();
        var top = 0.0;
        foreach (var (name, measure, i) in new[] { ("first step", start, 0), ("last step", end, 1) })
        {
            // What is left out below is far below the axis, where no line is seen.
            double[] density = [.. x.Select(v => Math.Max(measure.Density(v, width), LeastDensity * 1e-6))];
            Style.Line(plot, i, i == 0 ? 0 : 3, name, x, [.. density.Select(Math.Log10)]).LineWidth = 2;
            top = Math.Max(top, density.Max());
        }

        Style.Logarithmic(plot.Axes.Left);
        plot.Axes.SetLimitsY(Math.Log10(LeastDensity), Math.Ceiling(Math.Log10(top)));
        return plot;
    }

    /// <summary>Each layer's mean eigenvalue and scale, over those of the geometric mean of the layers.</summary>
    public static Plot Layers(IReadOnlyList<LayerReading> layers)
    {
        var plot = Style.Start("", "relative to the layers' geometric mean");
        foreach (var (name, values, i) in new[]
        {
            ("mean eigenvalue of the Gauss-Newton block", Relative([.. layers.Select(l => l.MeanEigenvalue)]), 0),
            ("scale of Algorithm 2, 1/a", Relative([.. layers.Select(l => l.Scale ?? 1)]), 1),
        })
            Style.Points(plot, i, name, [.. values.Select((_, k) => k + (i - 0.5) * 0.12)], values);
        plot.Axes.Bottom.SetTicks([.. layers.Select((_, k) => (double)k)], [.. layers.Select(l => l.Layer)]);
        plot.Axes.SetLimitsX(-0.5, layers.Count - 0.5);
        plot.Axes.SetLimitsY(0, 1.45 * plot.GetPlottables<ScottPlot.Plottables.Scatter>().Max(s => s.GetAxisLimits().Top));
        return plot;
    }

    /// <summary>The loss over the plane, coloured by its logarithm between the two values.</summary>
    public static Plot Surface(string title, double[,] losses, double least, double greatest)
    {
        var plot = Style.Start("first direction", "second direction", title);
        var logarithms = new double[losses.GetLength(0), losses.GetLength(1)];
        for (var r = 0; r < logarithms.GetLength(0); r++)
            for (var c = 0; c < logarithms.GetLength(1); c++)
                // A heat map's first row is at the top.
                logarithms[logarithms.GetLength(0) - 1 - r, c] = Math.Log10(Math.Max(losses[r, c], least));
        var map = plot.Add.Heatmap(logarithms);
        map.Extent = new(-LossSurface.Extent, LossSurface.Extent, -LossSurface.Extent, LossSurface.Extent);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        map.ManualRange = new(Math.Log10(least), Math.Log10(greatest));
        map.Smooth = true;
        Style.ColorBar(plot, map, "training loss", logarithmic: true);
        plot.Axes.SetLimits(-LossSurface.Extent, LossSurface.Extent, -LossSurface.Extent, LossSurface.Extent);
        return plot;
    }

    private static double[] Relative(double[] values)
    {
        var mean = Math.Exp(values.Average(v => Math.Log(Math.Max(v, 1e-12))));
        return [.. values.Select(v => Math.Max(v, 1e-12) / mean)];
    }
}
