namespace LocalHessian.Spectra;

/// <summary>Computes residuals when the recurrence's estimates say that it is worth the products.</summary>
internal sealed class TrueResiduals(LanczosProcess process, SymmetricOperator op, CancellationToken cancellation)
{
    private const int Attempts = 3;
    private ComputedPairs? _computed;
    private int _computedAt, _attempts;
    private double _asked = 1;

    /// <summary>Products taken for them.</summary>
    public int Products { get; private set; }

    /// <summary>The pairs with their residuals, of the basis as it is now; computed once for each state of it.</summary>
    public ComputedPairs Of(IReadOnlyList<RitzPair> pairs)
    {
        if (_computed is not null && _computedAt == process.Count) return _computed;
        _computed?.Vectors.Dispose();
        _computedAt = process.Count;
        Products += pairs.Count;
        return _computed = ComputedPairs.Of(process, op, pairs, cancellation);
    }

    /// <summary>True when the residuals meet their tolerances, or when going on cannot change that they do not.</summary>
    /// <param name="pairs">The pairs, ascending.</param>
    /// <param name="tolerances">One a pair.</param>
    public bool Settle(IReadOnlyList<RitzPair> pairs, IReadOnlyList<double> tolerances)
    {
        if (pairs.Zip(tolerances).Any(p => p.First.Residual > _asked * p.Second)) return false;
        if (Of(pairs).Meets(tolerances)) return true;
        _asked /= 10;
        return ++_attempts == Attempts;
    }
}
