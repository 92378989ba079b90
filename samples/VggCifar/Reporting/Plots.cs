using System.Globalization;
using LocalHessian.Internal;
using ScottPlot;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>How the pictures look. An optimizer keeps its colour in all of them.</summary>
internal static class Plots
{
    private const int Width = 900, Height = 560;

    public static Plot Curves(string title, string yLabel, IReadOnlyList<Curve> curves)
    {
        var plot = Start(title, "epoch", yLabel);
        foreach (var curve in curves.Where(curve => curve.X.Length > 0))
            Add(plot, curve, curve.Legend);
        plot.Axes.Bottom.TickGenerator = new ScottPlot.TickGenerators.NumericAutomatic { IntegerTicksOnly = true };
        return WithLegend(plot);
    }

    /// <summary>Test accuracy against learning rate: for each rate the best decay and schedule, one line an optimizer.</summary>
    public static Plot Rates(string title, IReadOnlyList<Summary> cells)
    {
        var plot = Start(title, "learning rate", "test accuracy, percent");
        foreach (var optimizer in cells.GroupBy(cell => cell.Spec.Optimizer))
        {
            var best = optimizer.GroupBy(cell => cell.Spec.Rate).Select(rate => rate.MaxBy(cell => cell.Mean)!)
                .OrderBy(cell => cell.Spec.Rate).ToList();
            var curve = new Curve(optimizer.Key, "",
                [.. best.Select(cell => Math.Log10(cell.Spec.Rate))],
                [.. best.Select(cell => 100 * cell.Mean)], [.. best.Select(cell => 100 * cell.Least)],
                [.. best.Select(cell => 100 * cell.Greatest)]);
            Add(plot, curve, OptimizerFactory.Title(optimizer.Key));
        }
        var rates = cells.Select(cell => cell.Spec.Rate).Distinct().Order().ToList();
        plot.Axes.Bottom.SetTicks(
            [.. rates.Select(Math.Log10)], [.. rates.Select(rate => rate.ToString("g3", CultureInfo.InvariantCulture))]);
        return WithLegend(plot);
    }

    /// <summary>
    /// A quantity of every block over time: blocks from the input at the top to the output at the bottom. What is not finite
    /// is grey; where nothing is finite, as from a run that diverged at once, there is no colour to draw.
    /// </summary>
    public static Plot Blocks(string title, IReadOnlyList<string> blocks, IReadOnlyList<long> steps, double[,] values)
    {
        var plot = Start(title, "step", "");
        var finite = new double[values.GetLength(0), values.GetLength(1)];
        for (var i = 0; i < finite.Length; i++)
            finite[i / steps.Count, i % steps.Count] = double.IsFinite(values[i / steps.Count, i % steps.Count])
                ? values[i / steps.Count, i % steps.Count]
                : double.NaN;
        if (finite.Cast<double>().Any(double.IsFinite))
        {
            var map = plot.Add.Heatmap(finite);
            map.NaNCellColor = Colors.LightGray;
            plot.Add.ColorBar(map);
        }
        plot.Axes.Left.SetTicks([.. blocks.Select((_, i) => (double)(blocks.Count - 1 - i))], [.. blocks]);
        var shown = Enumerable.Range(0, steps.Count).Where(i => i % Math.Max(1, steps.Count / 8) == 0).ToList();
        plot.Axes.Bottom.SetTicks(
            [.. shown.Select(i => (double)i)], [.. shown.Select(i => steps[i].ToString(CultureInfo.InvariantCulture))]);
        return plot;
    }

    private static Plot Start(string title, string xLabel, string yLabel)
    {
        var plot = new Plot();
        plot.Title(title);
        plot.XLabel(xLabel);
        plot.YLabel(yLabel);
        plot.Font.Set(PlotFont.Name);
        return plot;
    }

    private static void Add(Plot plot, Curve curve, string legend)
    {
        var colour = new ScottPlot.Palettes.Category10()
            .GetColor(Math.Max(0, OptimizerFactory.Names.ToList().IndexOf(curve.Optimizer)));
        if (curve.X.Length > 1)
        {
            var band = plot.Add.FillY(curve.X, curve.Least, curve.Greatest);
            band.FillColor = colour.WithAlpha(0.2);
            band.LineWidth = 0;
        }
        var line = plot.Add.Scatter(curve.X, curve.Mean, colour);
        line.LegendText = legend;
        line.LineWidth = 2;
        line.MarkerSize = curve.X.Length > 40 ? 0 : 5;
    }

    /// <summary>Writes a picture, with which the plot is done.</summary>
    public static void Save(Plot plot, string path)
    {
        using (plot)
            AtomicFile.Write(path, stream => stream.Write(plot.GetImageBytes(Width, Height, ImageFormat.Png)));
    }

    private static Plot WithLegend(Plot plot)
    {
        // Below the picture, where it covers no line.
        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.TightHorizontalWrapping = true;
        plot.ShowLegend(Edge.Bottom);
        return plot;
    }
}
