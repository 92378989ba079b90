using LocalHessian.Internal;
using ScottPlot;
using ScottPlot.TickGenerators;
using VggCifar.Drawing;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>The kinds of picture. An optimizer keeps its colour and line style in all of them.</summary>
internal static class Plots
{
    public static Plot Curves(string title, string yLabel, IReadOnlyList<Curve> curves)
    {
        var plot = Style.Start("epoch", yLabel, title);
        foreach (var curve in curves.Where(curve => curve.X.Length > 0))
            Add(plot, curve, curve.Legend);
        plot.Axes.Bottom.TickGenerator = new NumericAutomatic { IntegerTicksOnly = true, TickDensity = 0.6 };
        return plot;
    }

    /// <summary>Test accuracy against learning rate: for each rate the best decay and schedule, one line an optimizer.</summary>
    public static Plot Rates(string title, IReadOnlyList<Summary> cells)
    {
        var plot = Style.Start("learning rate", "test accuracy, percent", title);
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
        Style.Logarithmic(plot.Axes.Bottom);
        return plot;
    }

    /// <summary>
    /// A quantity of every block over time: blocks from the input at the top to the output at the bottom. What is not finite
    /// is grey; where nothing is finite, as from a run that diverged at once, there is no colour to draw. A positive quantity
    /// is coloured by its logarithm, one of either sign by itself with white at zero.
    /// </summary>
    public static Plot Blocks(
        string title, string quantity, bool positive, IReadOnlyList<string> blocks, IReadOnlyList<long> steps, double[,] values)
    {
        var plot = Style.Start("step", "", title);
        var colours = new double[values.GetLength(0), values.GetLength(1)];
        for (var i = 0; i < colours.Length; i++)
        {
            var value = values[i / steps.Count, i % steps.Count];
            var colour = positive ? Math.Log10(value) : value;
            colours[i / steps.Count, i % steps.Count] = double.IsFinite(colour) ? colour : double.NaN;
        }
        if (colours.Cast<double>().Any(double.IsFinite))
        {
            var map = plot.Add.Heatmap(colours);
            map.NaNCellColor = Colors.LightGray;
            map.Colormap = positive ? new ScottPlot.Colormaps.Viridis() : new ScottPlot.Colormaps.Balance();
            if (!positive)
            {
                var end = EndOfColours(colours);
                map.ManualRange = new(-end, end);
                quantity += $"\n(colours end at ±{Numbers.About(end)})";
            }
            Style.ColorBar(plot, map, quantity, positive);
        }
        plot.Axes.Left.SetTicks([.. blocks.Select((_, i) => (double)(blocks.Count - 1 - i))], [.. blocks]);
        // The first readings are at steps 1, 1 + interval, …: labelled where they stand, as many as can be read.
        var shown = Enumerable.Range(0, steps.Count).Where(i => i % Math.Max(1, (steps.Count + 5) / 6) == 0).ToList();
        plot.Axes.Bottom.SetTicks([.. shown.Select(i => (double)i)], [.. shown.Select(i => Numbers.Text(steps[i]))]);
        return plot;
    }

    /// <summary>Writes a picture, with which the plot is done.</summary>
    public static void Save(Plot plot, string path)
    {
        var image = Style.Png(plot);
        AtomicFile.Write(path, stream => stream.Write(image));
    }

    /// <summary>
    /// The size of what nineteen of twenty values do not exceed, rounded up to two digits: one that is far off, as a step that
    /// overshot, leaves the others their colours.
    /// </summary>
    private static double EndOfColours(double[,] values)
    {
        var sizes = values.Cast<double>().Where(double.IsFinite).Select(Math.Abs).Order().ToList();
        var end = sizes[(int)(0.95 * (sizes.Count - 1))];
        if (end == 0) end = sizes[^1];
        if (end == 0) return 1;
        var digit = Math.Pow(10, Math.Floor(Math.Log10(end)) - 1);
        return Math.Ceiling(end / digit) * digit;
    }

    private static void Add(Plot plot, Curve curve, string legend)
    {
        var series = Math.Max(0, OptimizerFactory.Names.ToList().IndexOf(curve.Optimizer));
        if (curve.X.Length > 1)
        {
            var band = plot.Add.FillY(curve.X, curve.Least, curve.Greatest);
            band.FillColor = Style.Colour(series).WithAlpha(0.15);
            band.LineWidth = 0;
        }
        var line = Style.Line(plot, series, legend, curve.X, curve.Mean);
        if (curve.X.Length > 40) return;
        line.MarkerShape = Style.Shape(series);
        line.MarkerSize = 7;
    }
}
