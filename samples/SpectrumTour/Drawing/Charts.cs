using LocalHessian.Spectra;
using ScottPlot;

namespace SpectrumTour.Drawing;

/// <summary>The kinds of chart.</summary>
internal static class Charts
{
    private static readonly Color[] Colours = new ScottPlot.Palettes.Category10().Colors;

    /// <summary>A histogram of the non-zero eigenvalues, as a density over all of them, and laws drawn over it.</summary>
    public static Plot Histogram(double[] eigenvalues, double from, double to, params (string Name, MarchenkoPastur Law)[] laws)
    {
        const int bins = 60;
        var width = (to - from) / bins;
        var counts = new double[bins];
        // Zero eigenvalues are the law's atom, no part of its density.
        foreach (var value in eigenvalues.Where(v => v > 1e-9 && v >= from && v < to)) counts[(int)((value - from) / width)]++;
        var plot = Start("eigenvalue", "density");
        var bars = plot.Add.Bars(counts.Select((c, i) => new Bar
        {
            Position = from + (i + 0.5) * width, Value = c / eigenvalues.Length / width, Size = width,
            FillColor = Colours[0].WithAlpha(0.5), LineWidth = 0,
        }).ToArray());
        var zeros = eigenvalues.Count(v => v <= 1e-9) / (double)eigenvalues.Length;
        bars.LegendText = zeros > 0 ? $"eigenvalues ({zeros:P0} are zero)" : "eigenvalues";
        foreach (var (law, i) in laws.Select((l, i) => (l, i))) AddLaw(plot, law.Name, law.Law, i + 1);
        plot.Axes.Margins(bottom: 0);
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    /// <summary>Adds a law's density to a plot.</summary>
    public static void AddLaw(Plot plot, string name, MarchenkoPastur law, int colour)
    {
        var edge = law.LowerEdge + 1e-4 * (law.UpperEdge - law.LowerEdge);
        var x = Enumerable.Range(0, 401).Select(i => edge + (law.UpperEdge - edge) * i / 400).ToArray();
        var line = plot.Add.ScatterLine(x, x.Select(law.Density).ToArray(), Colours[colour]);
        line.LineWidth = 2.5f;
        line.LegendText = name;
    }

    /// <summary>Densities of eigenvalues as lines, one a spectrum, zeros left out.</summary>
    public static Plot Densities(double from, double to, params (string Name, double[] Values)[] spectra)
    {
        const int bins = 45;
        var width = (to - from) / bins;
        var plot = Start("eigenvalue", "density");
        foreach (var ((name, values), i) in spectra.Select((s, i) => (s, i)))
        {
            var counts = new double[bins];
            foreach (var value in values.Where(v => v > 1e-9 && v >= from && v < to)) counts[(int)((value - from) / width)]++;
            var line = plot.Add.ScatterLine(
                counts.Select((_, k) => from + (k + 0.5) * width).ToArray(), counts.Select(c => c / values.Length / width)
                    .ToArray(), Colours[i == 0 ? 0 : i + 1]);
            line.LineWidth = 6 - 2 * i;
            line.LegendText = name;
        }

        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    /// <summary>Eigenvalues from the largest down on a logarithmic axis; those below the floor are cut off.</summary>
    public static Plot Sorted(double floor, params (string Name, double[] Values)[] spectra)
    {
        var plot = Start("index of the eigenvalue, largest first", "eigenvalue");
        foreach (var ((name, values), i) in spectra.Select((s, i) => (s, i)))
        {
            var kept = values.OrderDescending().TakeWhile(v => v > floor).ToArray();
            var line = plot.Add.ScatterLine(kept.Select((_, k) => k + 1.0).ToArray(), kept.Select(Math.Log10).ToArray(),
                Colours[i]);
            line.LineWidth = 2.5f;
            line.LegendText = $"{name}: condition {kept[0] / kept[^1]:G3}"
                + (kept.Length < values.Length ? $", {values.Length - kept.Length} zero" : "");
        }

        Logarithmic(plot.Axes.Left);
        plot.ShowLegend(Alignment.LowerLeft);
        return plot;
    }

    /// <summary>The share of eigenvalues above a value, on a logarithmic axis.</summary>
    public static Plot Shares(double from, double to, params (string Name, SpectralMeasure Spectrum)[] spectra)
    {
        var plot = Start("eigenvalue", "share of eigenvalues above, percent");
        var (low, high) = (Math.Log10(from), Math.Log10(to));
        var x = Enumerable.Range(0, 401).Select(i => low + (high - low) * i / 400).ToArray();
        foreach (var ((name, spectrum), i) in spectra.Select((s, i) => (s, i)))
        {
            var line = plot.Add.ScatterLine(x, x.Select(v => 100 * (1 - spectrum.Distribution(Math.Pow(10, v)))).ToArray(),
                Colours[i]);
            line.LineWidth = 2.5f;
            line.LegendText = name;
        }

        Logarithmic(plot.Axes.Bottom);
        plot.ShowLegend(Alignment.UpperRight);
        return plot;
    }

    /// <summary>Groups of points, one series each, on a logarithmic or linear axis.</summary>
    public static Plot Groups(string y, IReadOnlyList<string> groups, bool logarithmic,
        params (string Name, double[] Values)[] series)
    {
        var plot = Start("", y);
        foreach (var ((name, values), i) in series.Select((s, i) => (s, i)))
        {
            var points = plot.Add.ScatterPoints(
                values.Select((_, k) => k + (i - (series.Length - 1) / 2.0) * 0.12).ToArray(),
                values.Select(v => logarithmic ? Math.Log10(v) : v).ToArray(), Colours[i]);
            points.MarkerSize = 11;
            points.LegendText = name;
        }

        plot.Axes.Bottom.SetTicks([.. groups.Select((_, k) => (double)k)], [.. groups]);
        if (logarithmic) Logarithmic(plot.Axes.Left);
        plot.Axes.Margins(horizontal: 0.12);
        plot.ShowLegend(Edge.Right);
        return plot;
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
        LabelFormatter = v => v is >= -2 and <= 3 ? Math.Pow(10, v)
            .ToString("0.##", System.Globalization.CultureInfo.InvariantCulture) : $"1e{v:0}",
    };
}
