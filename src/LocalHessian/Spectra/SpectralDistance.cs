namespace LocalHessian.Spectra;

/// <summary>How far an observed spectrum is from the law.</summary>
public static class SpectralDistance
{
    /// <summary>Kolmogorov-Smirnov: the largest difference of the two distribution functions, from 0 to 1.</summary>
    /// <param name="law">The law.</param>
    /// <param name="spectrum">
    /// All eigenvalues (<see cref="SpectralMeasure.Of(IEnumerable{double})"/>) or an estimated density.
    /// </param>
    /// <param name="zero">
    /// Points of at most this magnitude count as zero, where the law may have its atom. The default is the number of points
    /// times float64's eps times the largest magnitude; eigenvalues computed in float32 want <c>n·1.2e-7·λ_max</c>.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="zero"/> is negative or not finite.</exception>
    public static double KolmogorovSmirnov(this MarchenkoPastur law, SpectralMeasure spectrum, double? zero = null)
    {
        var distance = 0.0;
        var before = 0.0;
        foreach (var (value, share) in Steps(law, spectrum, zero))
        {
            var left = value == 0 ? 0 : law.Distribution(value); // the law jumps at zero alone
            distance = Math.Max(distance, Math.Max(Math.Abs(before - left), Math.Abs(share - law.Distribution(value))));
            before = share;
        }
        return distance;
    }

    /// <summary>Wasserstein-1: the area between the two distribution functions, in the eigenvalues' unit.</summary>
    /// <inheritdoc cref="KolmogorovSmirnov"/>
    public static double Wasserstein(this MarchenkoPastur law, SpectralMeasure spectrum, double? zero = null)
    {
        var steps = Steps(law, spectrum, zero);
        // Left of the first point the observed share is 0, right of the last it is 1; the law lives on [0, c₊].
        var start = Math.Min(0, steps[0].Value);
        var end = Math.Max(law.UpperEdge, steps[^1].Value);
        var area = 0.0;
        var share = 0.0;
        foreach (var (value, next) in steps.Append((end, 1)))
        {
            area += Between(law, start, value, share);
            (start, share) = (value, next);
        }
        return area;
    }

    /// <summary>The integral of <c>|F − share|</c>, where F rises through the share at most once.</summary>
    private static double Between(MarchenkoPastur law, double from, double to, double share)
    {
        var crossing = Math.Clamp(share >= 1 ? law.UpperEdge : law.Quantile(share), from, to);
        double Integral(double x) => law.IntegralOfDistribution(x) - share * x;
        return Math.Max(0, Integral(from) - Integral(crossing)) + Math.Max(0, Integral(to) - Integral(crossing));
    }

    /// <summary>Distinct points ascending, each with the share of the spectrum at or below it.</summary>
    private static List<(double Value, double Share)> Steps(MarchenkoPastur law, SpectralMeasure spectrum, double? zero)
    {
        ArgumentNullException.ThrowIfNull(law);
        ArgumentNullException.ThrowIfNull(spectrum);
        Finite.ThrowIfNegative(zero, "What counts as zero", nameof(zero));
        var nodes = spectrum.Nodes;
        var largest = Math.Max(Math.Abs(nodes[0]), Math.Abs(nodes[^1]));
        var limit = zero ?? nodes.Count * Math.ScaleB(1, -52) * largest;
        var steps = new List<(double Value, double Share)>();
        var share = 0.0;
        for (var i = 0; i < nodes.Count; i++)
        {
            var value = Math.Abs(nodes[i]) <= limit ? 0 : nodes[i];
            share = i + 1 == nodes.Count ? 1 : share + spectrum.Weights[i];
            if (steps.Count > 0 && steps[^1].Value == value) steps.RemoveAt(steps.Count - 1);
            steps.Add((value, share));
        }
        return steps;
    }
}
