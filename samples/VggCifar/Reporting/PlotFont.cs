namespace VggCifar.Reporting;

internal static class PlotFont
{
    public static string Name => ScottPlot.Fonts.Default;
}
