namespace LocalHessian.Monitoring;

/// <summary>What the monitor saw of one block at one step. A number that does not exist is NaN.</summary>
/// <param name="Step">Number of the step, from 1.</param>
/// <param name="Block">The block's name.</param>
/// <param name="ClosedScale">m·m_{b,W} by the closed form, where it holds.</param>
/// <param name="MeasuredScale">m·m_{b,W} measured block by block: trace over dimension (MATH §7).</param>
/// <param name="ClosedInputScale">m_{b,z} by the closed form, where it holds.</param>
/// <param name="MeasuredInputScale">m_{b,z} measured: tr(H_z)/dim.</param>
/// <param name="Multiplier">
/// By what the optimizer multiplied the gradient; the geometric mean of several weights, 1 of an optimizer that does not
/// scale.
/// </param>
/// <param name="WeightNorm">‖W_b‖₂, of all the block's weights.</param>
/// <param name="GradientNorm">‖∂J/∂W_b‖₂.</param>
/// <param name="TopEigenvalue">
/// The largest eigenvalue of the Gauss-Newton H_z; NaN where the block reads token numbers, or has an operation without a
/// second derivative.
/// </param>
/// <param name="ConditionNumber">
/// Largest over smallest non-zero eigenvalue of H_z that Lanczos found: a lower bound unless it converged.
/// </param>
/// <param name="LossRemoved">
/// The share of the back-matching loss ½‖Δ_b‖², Δ_b = −∂J/∂z_b, that the step removed with the block's input held: 1 is all
/// of it, a negative share means that the step overshot.
/// </param>
public sealed record BlockReading(
    long Step, string Block, double ClosedScale, double MeasuredScale, double ClosedInputScale, double MeasuredInputScale,
    double Multiplier, double WeightNorm, double GradientNorm, double TopEigenvalue, double ConditionNumber, double LossRemoved)
{
    private static readonly (string Name, Func<BlockReading, double> Value)[] All =
    [
        ("closed scale", r => r.ClosedScale),
        ("measured scale", r => r.MeasuredScale),
        ("closed input scale", r => r.ClosedInputScale),
        ("measured input scale", r => r.MeasuredInputScale),
        ("multiplier", r => r.Multiplier),
        ("weight norm", r => r.WeightNorm),
        ("gradient norm", r => r.GradientNorm),
        ("top eigenvalue", r => r.TopEigenvalue),
        ("condition number", r => r.ConditionNumber),
        ("loss removed", r => r.LossRemoved),
    ];

    /// <summary>The names of <see cref="Quantities"/>, in their order.</summary>
    public static IReadOnlyList<string> QuantityNames { get; } = [.. All.Select(q => q.Name)];

    /// <summary>Every number with its name in words, as logs write them.</summary>
    public IEnumerable<(string Name, double Value)> Quantities => All.Select(q => (q.Name, q.Value(this)));

    /// <summary>Step, block and every number that exists, in the invariant culture.</summary>
    public override string ToString()
    {
        var known = Quantities.Where(q => !double.IsNaN(q.Value));
        return $"step {Step}, {Block}: "
            + string.Join(", ", known.Select(q => FormattableString.Invariant($"{q.Name} {q.Value:G4}")));
    }
}
