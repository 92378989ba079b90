using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Spectra;

/// <summary>Stops once both extremes of the non-zero spectrum have converged, or nothing more can be learned.</summary>
/// <param name="process">The recurrence, of a single block whose start lies in the range of the operator.</param>
/// <param name="limit">The value above which an eigenvalue counts as non-zero, given the largest.</param>
/// <param name="dtype">The operator's dtype.</param>
internal sealed class ExtremesRule(LanczosProcess process, Func<double, double> limit, ScalarType dtype)
{
    private readonly double _tolerance = Math.Pow(Precision.Epsilon(dtype), 2.0 / 3);

    /// <summary>Largest and smallest non-zero <c>|λ|</c>, NaN where there is none, and whether both are converged.</summary>
    public (double Largest, double Smallest, bool Converged) Extremes { get; private set; }

    /// <summary>Solves what there is so far; true when both have converged.</summary>
    public bool Met(bool open)
    {
        var block = process.Blocks[0];
        var (values, vectors) = block.Solve();
        var largest = Math.Max(Math.Abs(values[0]), Math.Abs(values[^1]));
        var nonZero = Enumerable.Range(0, values.Length).Where(i => Math.Abs(values[i]) > limit(largest)).ToArray();
        if (nonZero.Length == 0)
        {
            Extremes = (largest, double.NaN, block.Beta == 0);
            return false;
        }

        var low = nonZero.MinBy(i => Math.Abs(values[i]));
        var high = nonZero.MaxBy(i => Math.Abs(values[i]));
        double Residual(int i) => block.Beta * Math.Abs(vectors[block.Count - 1, i]);
        var definite = nonZero.All(i => values[i] > 0) || nonZero.All(i => values[i] < 0);
        // The small end is judged relative to itself: it is a divisor.
        var converged = block.Beta == 0 || (definite
            && Residual(high) <= _tolerance * largest && Residual(low) <= Math.Sqrt(_tolerance) * Math.Abs(values[low]));
        Extremes = (Math.Abs(values[high]), Math.Abs(values[low]), converged);
        return converged;
    }
}
