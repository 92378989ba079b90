namespace LocalHessian.Scaling;

/// <summary>Turns smoothed measurements into factors: pure arithmetic on numbers.</summary>
internal static class MeasuredRule
{
    /// <summary>The factor of each parameter.</summary>
    /// <param name="smoothed">h, which stands for m·m_{b,W}; NaN where it has not been measured.</param>
    /// <param name="places">What is known of each parameter.</param>
    /// <param name="squares">‖p‖² of each.</param>
    /// <param name="outputs">D_B, outputs of the network a sample.</param>
    /// <param name="options">Bound and overall scale.</param>
    public static double[] Factors(
        IReadOnlyList<double> smoothed, IReadOnlyList<ParameterPlace> places, IReadOnlyList<double> squares, double outputs, MeasurementOptions options)
    {
        var overall = options.Overall == OverallScale.Measured ? 1 : Overall(smoothed, places, squares, outputs);
        var factors = new double[smoothed.Count];
        for (var i = 0; i < factors.Length; i++)
        {
            var (low, high) = Reference(places[i], squares[i], outputs);
            var factor = overall / smoothed[i];
            if (double.IsInfinity(options.Bound)) factors[i] = double.IsFinite(factor) ? factor : high;
            else factors[i] = double.IsNaN(factor) ? high : Math.Clamp(factor, low / options.Bound, high * options.Bound);
        }

        return factors;
    }

    /// <summary>Between what the closed-form scale lies; both ends are equal where the closed form holds.</summary>
    public static (double Low, double High) Reference(ParameterPlace place, double square, double outputs)
    {
        if (!place.IsWeight) return (place.Elements / outputs, place.Elements / outputs);
        if (place.HasClosedForm && square > 0) return (square / outputs, square / outputs);
        return (Math.Min(square, place.Rows) / outputs, Math.Max(square, place.Rows) / outputs);
    }

    // The median, because a weight the output is blind to, or one just set to zero, must not move all others.
    private static double Overall(IReadOnlyList<double> smoothed, IReadOnlyList<ParameterPlace> places, IReadOnlyList<double> squares, double outputs)
    {
        var ratios = Enumerable.Range(0, smoothed.Count)
            .Where(i => places[i].IsWeight)
            .Select(i => smoothed[i] * squares[i] / outputs)
            .Where(r => double.IsFinite(r) && r > 0)
            .Order().ToArray();
        return ratios.Length == 0 ? 1 : Math.Sqrt(ratios[(ratios.Length - 1) / 2] * ratios[ratios.Length / 2]);
    }
}

/// <summary>What <see cref="MeasuredRule"/> knows of a parameter.</summary>
/// <param name="IsWeight">Two dimensions or more; otherwise a bias, gain or shift.</param>
/// <param name="HasClosedForm">The weight of a block of a chain.</param>
/// <param name="Elements">dim p.</param>
/// <param name="Rows">n, the first dimension.</param>
internal readonly record struct ParameterPlace(bool IsWeight, bool HasClosedForm, long Elements, long Rows);
