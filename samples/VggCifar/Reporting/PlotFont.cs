using SkiaSharp;

namespace VggCifar.Reporting;

internal static class PlotFont
{
    public static string Name => ScottPlot.Fonts.Default;

    /// <summary>Whether the machine has no font at all; pictures then show curves without words.</summary>
    public static bool Missing => SKTypeface.Default.GlyphCount == 0;
}
