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
    /// A positive quantity of every block over time, coloured by its logarithm: blocks from the input at the top to the output
    /// at the bottom. Where it is not positive and finite is grey; where it is so nowhere, as in a run that diverged at once,
    /// there is no colour to draw.
    /// </summary>
    /// <param name="aboutOne">Whether one is the middle of the colours, from which both ends are as far.</param>
    public static Plot Blocks(
        string title, string quantity, bool aboutOne, IReadOnlyList<string> blocks, IReadOnlyList<long> steps, double[,] values)
    {
        var plot = Style.Start("step", "", title);
        var logarithms = new double[values.GetLength(0), values.GetLength(1)];
        for (var i = 0; i < logarithms.Length; i++)
        {
            var logarithm = Math.Log10(values[i / steps.Count, i % steps.Count]);
            logarithms[i / steps.Count, i % steps.Count] = double.IsFinite(logarithm) ? logarithm : double.NaN;
        }
        var finite = logarithms.Cast<double>().Where(double.IsFinite).ToList();
        if (finite.Count > 0)
        {
            var map = plot.Add.Heatmap(logarithms);
            map.NaNCellColor = Colors.LightGray;
            map.Colormap = aboutOne ? new ScottPlot.Colormaps.Balance() : new ScottPlot.Colormaps.Viridis();
            // A little more than nothing where all values are one.
            var (least, greatest) = (finite.Min(), Math.Max(finite.Max(), finite.Min() + 0.1));
            var end = Math.Max(-least, greatest);
            map.ManualRange = aboutOne ? new(-end, end) : new(least, greatest);
            Style.ColorBar(plot, map, quantity, logarithmic: true);
            plot.Axes.Margins(0, 0);
        }
        plot.Axes.Left.SetTicks([.. blocks.Select((_, i) => (double)(blocks.Count - 1 - i))], [.. blocks]);
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
    /// An optimizer's place among <see cref="Style"/>'s colours and patterns: those compared by default differ most, and
    /// Nesterov's momentum has the colour next to SGD's.
    /// </summary>
    internal static int Series(string optimizer) => optimizer switch
    {
        OptimizerFactory.AdamW => 1,
        OptimizerFactory.Lsalr => 2,
        OptimizerFactory.Nesterov => 4,
        _ => Math.Max(0, OptimizerFactory.Names.ToList().IndexOf(optimizer)),
    };

    private static void Add(Plot plot, Curve curve, string legend)
    {
        var series = Series(curve.Optimizer);
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
