namespace LocalHessian.Scaling;

/// <summary>Turns smoothed measurements into multipliers: pure arithmetic on numbers.</summary>
internal static class MeasuredMultipliers
{
    /// <summary>Sets the multiplier of each parameter from what has been measured of it.</summary>
    /// <param name="parameters">All that are measured.</param>
    /// <param name="outputs">D_B, outputs of the network a sample.</param>
    /// <param name="options">Overall scale, and <see cref="MeasurementOptions.Bound"/>.</param>
    public static void Set(IReadOnlyList<MeasuredParameter> parameters, double outputs, ScalingOptions options)
    {
        var overall = options.Overall == OverallScale.Measured ? 1 : Overall(parameters, outputs);
        var unit = options.Overall == OverallScale.Unit
            ? UnitScale.Of(parameters.Where(p => p.IsWeight).Select(p => (double)p.Rows), outputs) : 1;
        var bound = options.Measurement.Bound;
        foreach (var p in parameters)
        {
            var (low, high) = Reference(p, outputs);
            var multiplier = overall / p.Smoothed;
            if (double.IsInfinity(bound)) p.Multiplier = double.IsFinite(multiplier) ? multiplier : high;
            else p.Multiplier = double.IsNaN(multiplier) ? high : Math.Clamp(multiplier, low / bound, high * bound);
            p.Multiplier /= unit;
        }
    }

    /// <summary>Between what the closed form's multiplier lies; both ends are equal where the closed form holds.</summary>
    private static (double Low, double High) Reference(MeasuredParameter p, double outputs)
    {
        if (!p.IsWeight) return (p.Elements / outputs, p.Elements / outputs);
        var square = Math.Max(p.Square, p.Floor);
        if (p.HasClosedForm && square > 0) return (square / outputs, square / outputs);
        return (Math.Min(square, p.Rows) / outputs, Math.Max(square, p.Rows) / outputs);
    }

    // The median, because a weight the output is blind to must not move all others; one that starts at zero has no say before
    // it has grown.
    private static double Overall(IReadOnlyList<MeasuredParameter> parameters, double outputs)
    {
        var ratios = parameters
            .Where(p => p.IsWeight && p.Square >= p.Floor)
            .Select(p => p.Smoothed * p.Square / outputs)
            .Where(r => double.IsFinite(r) && r > 0)
            .Order().ToArray();
        return ratios.Length == 0 ? 1 : Math.Sqrt(ratios[(ratios.Length - 1) / 2] * ratios[ratios.Length / 2]);
    }
}
