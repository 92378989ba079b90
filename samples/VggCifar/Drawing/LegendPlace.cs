using ScottPlot;
using ScottPlot.Plottables;

namespace VggCifar.Drawing;

/// <summary>Puts a legend where it covers nothing: into a corner or the middle of a side, else below the picture.</summary>
internal static class LegendPlace
{
    private const int PointsPerSegment = 12;

    /// <summary>Rough sizes in pixels: of a letter, of a line of the legend, and of what surrounds the data.</summary>
    private const double Letter = 7.2, Row = 22, Sides = 90, AboveAndBelow = 90;

    private static readonly (Alignment Place, double X, double Y)[] Places =
    [
        (Alignment.UpperRight, 1, 1), (Alignment.UpperLeft, 0, 1), (Alignment.LowerLeft, 0, 0), (Alignment.LowerRight, 1, 0),
        (Alignment.MiddleRight, 1, 0.5), (Alignment.UpperCenter, 0.5, 1), (Alignment.LowerCenter, 0.5, 0),
        (Alignment.MiddleLeft, 0, 0.5),
    ];

    /// <summary>Places the legend of a plot that will have this size; a plot without one has none afterwards either.</summary>
    public static void Find(Plot plot, int width, int height)
    {
        var names = plot.PlottableList.SelectMany(p => p.LegendItems).Select(item => item.LabelText)
            .Where(t => t is { Length: > 0 }).ToList();
        if (names.Count == 0) return;
        plot.RenderInMemory(width, height); // only then the axes have their limits
        var limits = plot.Axes.GetLimits();
        var data = Points(plot).Select(p => new Coordinates(
            (p.X - limits.Left) / limits.HorizontalSpan, (p.Y - limits.Bottom) / limits.VerticalSpan)).ToList();
        var (across, up) = ((names.Max(n => n!.Length) * Letter + 60) / (width - Sides),
            (names.Count * Row + 24) / (height - AboveAndBelow));
        var free = Places.Where(_ => across < 1 && up < 1).Where(p => !data.Exists(point => Covers(p.X, across, point.X)
            && Covers(p.Y, up, point.Y))).Select(p => (Alignment?)p.Place).FirstOrDefault();
        if (free is { } place)
        {
            plot.ShowLegend(place);
            return;
        }

        plot.Legend.Orientation = Orientation.Horizontal;
        plot.Legend.TightHorizontalWrapping = true;
        var panel = plot.ShowLegend(Edge.Bottom);
        // ScottPlot 5.1 keeps free as many times the legend's height as the picture is scaled by.
        plot.RenderInMemory(width, height);
        panel.MaximumSize = plot.RenderManager.LastRender.Layout.PanelSizes[panel];
    }

    private static bool Covers(double place, double length, double point) =>
        point >= place * (1 - length) && point <= place * (1 - length) + length;

    private static IEnumerable<Coordinates> Points(Plot plot)
    {
        foreach (var scatter in plot.GetPlottables<Scatter>())
        {
            var points = scatter.Data.GetScatterPoints();
            for (var i = 0; i < points.Count; i++)
            {
                yield return points[i];
                for (var k = 1; i > 0 && scatter.LineWidth > 0 && k < PointsPerSegment; k++)
                    yield return new(
                        points[i - 1].X + (points[i].X - points[i - 1].X) * k / PointsPerSegment,
                        points[i - 1].Y + (points[i].Y - points[i - 1].Y) * k / PointsPerSegment);
            }
        }

        foreach (var bar in plot.GetPlottables<BarPlot>().SelectMany(b => b.Bars))
            for (var k = 1; k <= PointsPerSegment; k++)
                yield return new(bar.Position, bar.Value * k / PointsPerSegment);
    }
}
