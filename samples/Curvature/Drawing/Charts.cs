using LocalHessian.Spectra;
using ScottPlot;

namespace CurvatureStudy.Drawing;

/// <summary>The kinds of chart.</summary>
internal static class Charts
{
    private static readonly Color[] Colours = new ScottPlot.Palettes.Category10().Colors;

    /// <summary>Lines over training steps.</summary>
    public static Plot Lines(string y, params (string Name, double[] X, double[] Y)[] series)
    {
        var plot = Start("training step", y);
        foreach (var ((name, xs, ys), i) in series.Select((s, i) => (s, i)))
        {
            var line = plot.Add.ScatterLine(xs, ys, Colours[i]);
            line.LineWidth = 2.5f;
            line.LegendText = name;
        }

        plot.Axes.SetLimitsY(Math.Min(0, series.Min(s => s.Y.Min())), 1.05 * series.Max(s => s.Y.Max()));
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }

    /// <summary>Two spectra as smoothed densities on a logarithmic axis.</summary>
    public static Plot Densities(string title, SpectralMeasure start, SpectralMeasure end)
    {
        var plot = Start("eigenvalue", "density");
        plot.Title(title);
        var (low, high) = (Math.Min(start.Nodes[0], end.Nodes[0]), Math.Max(start.Nodes[^1], end.Nodes[^1]));
        var width = (high - low) / 150;
        var x = Enumerable.Range(0, 601).Select(i => low - 5 * width + (high - low + 10 * width) * i / 600).ToArray();
        foreach (var (name, measure, colour) in new[] { ("first step", start, 0), ("last step", end, 1) })
        {
            var line = plot.Add.ScatterLine(x, [.. x.Select(v => Math.Log10(Math.Max(measure.Density(v, width), 1e-7)))],
                Colours[colour]);
            line.LineWidth = 2;
            line.LegendText = name;
        }

        Logarithmic(plot.Axes.Left);
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    /// <summary>Each layer's mean eigenvalue and scale, over those of the geometric mean of the layers.</summary>
    public static Plot Layers(IReadOnlyList<LayerReading> layers)
    {
        var plot = Start("", "over the layers' geometric mean");
        foreach (var (name, values, i) in new[]
        {
            ("mean eigenvalue of the Gauss-Newton block", Relative([.. layers.Select(l => l.MeanEigenvalue)]), 0),
            ("scale of Algorithm 2, 1/a", Relative([.. layers.Select(l => l.Scale ?? 1)]), 1),
        })
        {
            var points = plot.Add.ScatterPoints(values.Select((_, k) => k + (i - 0.5) * 0.12).ToArray(), values, Colours[i]);
            points.MarkerSize = 11;
            points.LegendText = name;
        }

        plot.Axes.Bottom.SetTicks([.. layers.Select((_, k) => (double)k)], [.. layers.Select(l => l.Layer)]);
        plot.Axes.Margins(horizontal: 0.12);
        plot.Axes.SetLimitsY(0, 1.2 * plot.Axes.GetLimits().Top);
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }

    /// <summary>The logarithm of the loss over the plane.</summary>
    public static Plot Surface(string title, double[,] losses)
    {
        var plot = Start("first direction", "second direction");
        plot.Title(title);
        var logarithms = new double[losses.GetLength(0), losses.GetLength(1)];
        for (var r = 0; r < logarithms.GetLength(0); r++)
            for (var c = 0; c < logarithms.GetLength(1); c++)
                // A heat map's first row is at the top.
                logarithms[logarithms.GetLength(0) - 1 - r, c] = Math.Log10(Math.Max(losses[r, c], 1e-6));
        var map = plot.Add.Heatmap(logarithms);
        map.Extent = new(-LossSurface.Extent, LossSurface.Extent, -LossSurface.Extent, LossSurface.Extent);
        map.Colormap = new ScottPlot.Colormaps.Viridis();
        map.Smooth = true;
        plot.Add.ColorBar(map).Label = "log₁₀ loss";
        plot.Axes.SetLimits(-LossSurface.Extent, LossSurface.Extent, -LossSurface.Extent, LossSurface.Extent);
        return plot;
    }

    private static double[] Relative(double[] values)
    {
        var mean = Math.Exp(values.Average(v => Math.Log(Math.Max(v, 1e-12))));
        return [.. values.Select(v => Math.Max(v, 1e-12) / mean)];
    }

    private static Plot Start(string x, string y)
    {
        var plot = new Plot();
        plot.XLabel(x);
        plot.YLabel(y);
        return plot;
    }

    private static void Logarithmic(IAxis axis) => axis.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic
    {
        IntegerTicksOnly = true,
        LabelFormatter = v => v is >= -2 and <= 3 ? Math.Pow(10, v).ToString("0.##",
            System.Globalization.CultureInfo.InvariantCulture) : $"1e{v:0}",
    };
}
