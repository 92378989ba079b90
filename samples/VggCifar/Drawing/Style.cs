using ScottPlot;
using ScottPlot.Plottables;
using ScottPlot.TickGenerators;
using SkiaSharp;

namespace VggCifar.Drawing;

/// <summary>How every picture looks: font, colours, line styles, ticks, size.</summary>
internal static class Style
{
    /// <summary>Pixels of the file for one of the drawing.</summary>
    public const int Scale = 2;

    /// <summary>The usual size, small, so that the words are large enough on the width of a phone.</summary>
    public const int Width = 620, Height = 400;

    private const int LettersInTitle = 62;

    /// <summary>
    /// Wong's colours (Nature Methods 8:441, 2011), which colour-blind people can tell apart, without his yellow.
    /// </summary>
    private static readonly Color[] Colours =
    [
        new("#0072B2"), new("#D55E00"), new("#009E73"), new("#CC79A7"), new("#56B4E9"), new("#E69F00"), new("#000000"),
    ];

    /// <summary>Four against seven colours: no two of 28 series have both in common.</summary>
    private static readonly LinePattern[] Patterns =
    [
        LinePattern.Solid, new([7, 4], 0, "dashes"), new([2, 2.5f], 0, "dots"), new([8, 3, 2, 3], 0, "dashes and dots"),
    ];

    private static readonly MarkerShape[] Shapes =
    [
        MarkerShape.FilledCircle, MarkerShape.FilledSquare, MarkerShape.FilledTriangleUp, MarkerShape.FilledDiamond,
    ];

    public static Color Colour(int series) => Colours[series % Colours.Length];

    public static LinePattern Pattern(int series) => Patterns[series % Patterns.Length];

    public static MarkerShape Shape(int series) => Shapes[series % Shapes.Length];

    /// <summary>An empty plot.</summary>
    public static Plot Start(string x, string y, string title = "")
    {
        var plot = new Plot();
        Title(plot, title);
        plot.XLabel(x);
        plot.YLabel(y);
        plot.Font.Set(PlotFont.Name);
        plot.Axes.Title.Label.FontSize = 15;
        plot.Axes.Title.Label.Bold = false;
        foreach (var axis in new IAxis[] { plot.Axes.Bottom, plot.Axes.Left })
        {
            axis.Label.FontSize = 14;
            axis.Label.Bold = false;
            axis.TickLabelStyle.FontSize = 13;
            axis.MinorTickStyle.Length = 0;
            axis.TickGenerator = Linear();
        }

        plot.Axes.Right.FrameLineStyle.Width = plot.Axes.Top.FrameLineStyle.Width = 0;
        plot.Legend.FontSize = 13;
        plot.Legend.ShadowColor = Colors.Transparent;
        plot.Legend.OutlineColor = Colors.LightGray;
        plot.Legend.SymbolWidth = 34;
        return plot;
    }

    /// <summary>A title; one too long for a line is broken at the space nearest to its middle.</summary>
    public static void Title(Plot plot, string title)
    {
        var spaces = Enumerable.Range(0, title.Length).Where(i => title[i] == ' ').ToList();
        if (title.Length > LettersInTitle && spaces.Count > 0)
        {
            var at = spaces.MinBy(i => Math.Abs(i - title.Length / 2));
            title = title[..at] + "\n" + title[(at + 1)..];
        }

        plot.Title(title);
    }

    /// <summary>
    /// A line. The first is thick and whole, the others thinner and broken: where they lie on one another all can be seen.
    /// </summary>
    public static Scatter Line(Plot plot, int series, string name, double[] x, double[] y) =>
        Line(plot, series, series, name, x, y);

    /// <summary>A line whose colour is that of one series and whose pattern is that of another.</summary>
    public static Scatter Line(Plot plot, int colour, int pattern, string name, double[] x, double[] y)
    {
        var line = plot.Add.ScatterLine(x, y, Colour(colour));
        line.LineWidth = pattern % Patterns.Length == 0 ? 3.5f : 2.5f;
        line.LinePattern = Pattern(pattern);
        line.LegendText = name;
        return line;
    }

    /// <summary>Points of a series' own colour and shape.</summary>
    public static Scatter Points(Plot plot, int series, string name, double[] x, double[] y)
    {
        var points = plot.Add.ScatterPoints(x, y, Colour(series));
        points.MarkerShape = Shape(series);
        points.MarkerSize = 11;
        points.LegendText = name;
        return points;
    }

    /// <summary>Lets an axis of decimal logarithms show the values.</summary>
    public static void Logarithmic(IAxis axis)
    {
        axis.TickGenerator = new LogTicks();
        axis.MinorTickStyle.Length = 3;
    }

    /// <summary>A colour bar with the quantity's name and, of logarithms too, its values.</summary>
    public static void ColorBar(Plot plot, IHasColorAxis map, string quantity, bool logarithmic)
    {
        var bar = plot.Add.ColorBar(map);
        bar.Label = quantity;
        bar.LabelStyle.FontName = bar.Axis.TickLabelStyle.FontName = PlotFont.Name;
        bar.LabelStyle.FontSize = 14;
        bar.LabelStyle.Bold = false;
        bar.Axis.TickLabelStyle.FontSize = 13;
        bar.Axis.MinorTickStyle.Length = 0;
        bar.Axis.TickGenerator = logarithmic ? new LogTicks() : Linear();
    }

    /// <summary>The picture as a PNG file of <see cref="Scale"/> times the size; the plot is done with.</summary>
    public static byte[] Png(Plot plot, int width = Width, int height = Height)
    {
        using (plot)
        {
            LegendPlace.Find(plot, width, height);
            plot.ScaleFactor = Scale;
            return plot.GetImageBytes(width * Scale, height * Scale, ImageFormat.Png);
        }
    }

    /// <summary>Several plots in one picture, one under another or side by side, each of the given size.</summary>
    public static byte[] Png(IReadOnlyList<Plot> plots, bool sideBySide, int width, int height)
    {
        // Drawn one by one: ScottPlot 5.1's Multiplot loses all but the first where the scale is not one.
        var (across, down) = sideBySide ? (Scale * width, 0) : (0, Scale * height);
        using var surface = SKSurface.Create(new SKImageInfo(
            Scale * width + across * (plots.Count - 1), Scale * height + down * (plots.Count - 1)));
        for (var i = 0; i < plots.Count; i++)
        {
            using var part = SKBitmap.Decode(Png(plots[i], width, height));
            surface.Canvas.DrawBitmap(part, i * across, i * down);
        }

        using var image = surface.Snapshot();
        using var encoded = image.Encode(SKEncodedImageFormat.Png, 100);
        return encoded.ToArray();
    }

    private static NumericAutomatic Linear() => new() { LabelFormatter = Numbers.Text, TickDensity = 0.6 };
}
