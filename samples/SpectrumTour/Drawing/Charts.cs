using LocalHessian.Spectra;
using ScottPlot;
using VggCifar.Drawing;

namespace SpectrumTour.Drawing;

/// <summary>The kinds of chart.</summary>
internal static class Charts
{
    /// <summary>What counts as zero among eigenvalues of the size of one.</summary>
    private const double Zero = 1e-9;

    /// <summary>A histogram of the non-zero eigenvalues, as a density over all of them, and a law drawn over it.</summary>
    public static Plot Histogram(double[] eigenvalues, double from, double to, string name, MarchenkoPastur law)
    {
        const int bins = 60;
        var width = (to - from) / bins;
        var counts = new double[bins];
        // Zero eigenvalues are the law's atom, no part of its density.
        foreach (var value in eigenvalues.Where(v => v > Zero && v >= from && v < to)) counts[(int)((value - from) / width)]++;
        var plot = Style.Start("eigenvalue", "density");
        var bars = plot.Add.Bars(counts.Select((c, i) => new Bar
        {
            Position = from + (i + 0.5) * width, Value = c / eigenvalues.Length / width, Size = width,
            FillColor = Style.Colour(0).WithAlpha(0.4), LineWidth = 0,
        }).ToArray());
        var zeros = eigenvalues.Count(v => v <= Zero) / (double)eigenvalues.Length;
        bars.LegendText = zeros > 0 ? $"eigenvalues ({Numbers.About(100 * zeros)}% are zero)" : "eigenvalues";
        var edge = law.LowerEdge + 1e-4 * (law.UpperEdge - law.LowerEdge);
        var x = Steps(edge, law.UpperEdge);
        var line = Style.Line(plot, 1, 0, name, x, [.. x.Select(law.Density)]);
        line.LineWidth = 2.5f;
        plot.Axes.Margins(bottom: 0);
        plot.Axes.SetLimitsX(from, to);
        return plot;
    }

    /// <summary>
    /// The share of the non-zero eigenvalues below each value: a law as a line, spectra as marks at eigenvalues spread over each,
    /// at other ones for each, so that no mark hides another.
    /// </summary>
    public static Plot Distributions(string name, MarchenkoPastur law, params (string Name, double[] Values)[] spectra)
    {
        const int marks = 12;
        var plot = Style.Start("eigenvalue", "percent of non-zero eigenvalues below");
        var x = Steps(law.LowerEdge, law.UpperEdge);
        var line = Style.Line(plot, 6, 0, name, x, [.. x.Select(v => 100 * (law.Distribution(v) - law.Atom) / (1 - law.Atom))]);
        line.LineWidth = 1.5f;
        foreach (var ((label, values), i) in spectra.Select((s, i) => (s, i)))
        {
            var positive = values.Where(v => v > Zero).Order().ToArray();
            int[] at = [.. Enumerable.Range(0, marks).Select(k =>
                (int)((k + (i + 0.5) / spectra.Length) / marks * positive.Length))];
            Style.Points(plot, i, label, [.. at.Select(k => positive[k])],
                [.. at.Select(k => 100 * (k + 0.5) / positive.Length)]);
        }

        return plot;
    }

    /// <summary>
    /// Eigenvalues from the largest down on a logarithmic axis; those below the floor are cut off. Spectra in pairs have a
    /// pair's colour, the first of it a whole line.
    /// </summary>
    public static Plot Sorted(double floor, bool pairs, params (string Name, double[] Values)[] spectra)
    {
        var plot = Style.Start("index of the eigenvalue, largest first", "eigenvalue");
        foreach (var ((name, values), i) in spectra.Select((s, i) => (s, i)))
        {
            var kept = values.OrderDescending().TakeWhile(v => v > floor).ToArray();
            var (all, zeros) = (Numbers.About(kept[0] / kept[^1]), values.Length - kept.Length);
            Style.Line(plot, pairs ? i / 2 : i, pairs ? i % 2 : i, $"{name}: condition number {all}"
                + (zeros > 0 ? $", {zeros} zero" : ""), [.. kept.Select((_, k) => k + 1.0)], [.. kept.Select(Math.Log10)]);
        }

        Style.Logarithmic(plot.Axes.Left);
        return plot;
    }

    /// <summary>The share of eigenvalues above a value, on a logarithmic axis.</summary>
    public static Plot Shares(double from, double to, params (string Name, SpectralMeasure Spectrum)[] spectra)
    {
        var plot = Style.Start("eigenvalue", "share of eigenvalues above, percent");
        var x = Steps(Math.Log10(from), Math.Log10(to));
        foreach (var ((name, spectrum), i) in spectra.Select((s, i) => (s, i)))
            Style.Line(plot, i, name, x, [.. x.Select(v => 100 * (1 - spectrum.Distribution(Math.Pow(10, v))))]);
        Style.Logarithmic(plot.Axes.Bottom);
        return plot;
    }

    /// <summary>Groups of points, one series each, on a logarithmic or linear axis.</summary>
    public static Plot Groups(string y, IReadOnlyList<string> groups, bool logarithmic,
        params (string Name, double[] Values)[] series)
    {
        var plot = Style.Start("", y);
        foreach (var ((name, values), i) in series.Select((s, i) => (s, i)))
            Style.Points(plot, i, name, [.. values.Select((_, k) => k + (i - (series.Length - 1) / 2.0) * 0.2)],
                [.. values.Select(v => logarithmic ? Math.Log10(v) : v)]);
        plot.Axes.Bottom.SetTicks([.. groups.Select((_, k) => (double)k)], [.. groups]);
        if (logarithmic) Style.Logarithmic(plot.Axes.Left);
        plot.Axes.SetLimitsX(-0.5, groups.Count - 0.5);
        return plot;
    }

    private static double[] Steps(double from, double to) =>
        [.. Enumerable.Range(0, 401).Select(i => from + (to - from) * i / 400)];
}
