namespace LocalHessian.Spectra;

/// <summary>Stops once both extremes of the non-zero spectrum have converged, or nothing more can be learned.</summary>
/// <param name="process">The recurrence, of a single block whose start lies in the range of the operator.</param>
/// <param name="op">The operator.</param>
/// <param name="limit">The value above which an eigenvalue counts as non-zero, given the largest.</param>
/// <param name="cancellation">Stops the products for residuals.</param>
internal sealed class ExtremesRule(
    LanczosProcess process, SymmetricOperator op, Func<double, double> limit, CancellationToken cancellation)
{
    private readonly double _tolerance = LanczosOptions.DefaultTolerance(op.Dtype);
    private readonly TrueResiduals _true = new(process, op, cancellation);

    /// <summary>Largest and smallest non-zero <c>|λ|</c>, NaN where there is none, and whether both are converged.</summary>
    public (double Largest, double Smallest, bool Converged) Extremes { get; private set; }

    /// <summary>Solves what there is so far; true when both have converged, or round-off keeps them from it.</summary>
    public bool Met(bool open)
    {
        var pairs = process.Blocks[0].Pairs();
        var complete = process.Blocks[0].Beta == 0;
        var largest = Math.Max(Math.Abs(pairs[0].Value), Math.Abs(pairs[^1].Value));
        var nonZero = pairs.Where(p => Math.Abs(p.Value) > limit(largest)).ToList();
        if (nonZero.Count == 0)
        {
            Extremes = (largest, double.NaN, complete);
            return false;
        }

        var low = nonZero.MinBy(p => Math.Abs(p.Value))!;
        var high = nonZero.MaxBy(p => Math.Abs(p.Value))!;
        Extremes = (Math.Abs(high.Value), Math.Abs(low.Value), complete);
        // In the interior of an indefinite spectrum a small residual does not mean the smallest eigenvalue.
        var definite = nonZero.All(p => p.Value > 0) || nonZero.All(p => p.Value < 0);
        if (complete) return true;
        if (!definite) return false;
        // The small end is judged relative to itself: it is a divisor.
        (RitzPair Pair, double Tolerance)[] ends =
            [(low, Math.Sqrt(_tolerance) * Math.Abs(low.Value)), (high, _tolerance * largest)];
        var ascending = ends.OrderBy(e => e.Pair.Value).ToArray();
        RitzPair[] wanted = [.. ascending.Select(e => e.Pair)];
        double[] tolerances = [.. ascending.Select(e => e.Tolerance)];
        if (!_true.Settle(wanted, tolerances)) return false;
        var computed = _true.Of(wanted);
        var values = computed.Values.Select(Math.Abs).ToArray();
        Extremes = (values.Max(), values.Min(), computed.Meets(tolerances));
        return true;
    }
}
