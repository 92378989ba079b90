namespace LocalHessian.Spectra;

/// <summary>Which Ritz pairs are wanted, and whether they are good enough.</summary>
/// <remarks>
/// The recurrence's own estimate of a residual, <c>β|s|</c>, knows nothing of the round-off of products and of the basis. It
/// says when residuals are worth a product a pair; what is believed are those computed then. Where they are larger the search
/// goes on for a tenth of the estimate, twice, and then ends: what is left is round-off.
/// </remarks>
internal sealed class LanczosSearch(
    LanczosProcess process, SymmetricOperator op, int largest, int smallest, double relativeTolerance,
    CancellationToken cancellation)
{
    private readonly List<RitzPair> _earlier = [];
    private readonly TrueResiduals _true = new(process, op, cancellation);
    private int _earlierBlocks;
    private List<RitzPair> _wanted = [];
    private double _tolerance;
    private bool _settled;

    /// <summary>Solves what there is so far; true when the search is over.</summary>
    public bool Settled()
    {
        for (; _earlierBlocks < process.Blocks.Count - 1; _earlierBlocks++)
            _earlier.AddRange(process.Blocks[_earlierBlocks].Pairs());
        var block = process.Blocks[^1];
        var current = block.Pairs();
        var all = _earlier.Concat(current).OrderBy(p => p.Value).ToList();
        _tolerance = relativeTolerance * Math.Max(Math.Abs(all[0].Value), Math.Abs(all[^1].Value));
        if (all.Count < largest + smallest) return false;
        _wanted = [.. all.Take(smallest), .. all.TakeLast(largest)];

        if (process.Count == op.Size) return _settled = true;
        var ends = new List<RitzPair>();
        if (smallest > 0) ends.Add(current[0]);
        if (largest > 0) ends.Add(current[^1]);
        _settled = _wanted.Concat(ends).All(p => p.Residual <= _tolerance) && (block.Beta > 0 || AddsNothing(current));
        return _settled && _true.Settle(_wanted, [.. _wanted.Select(_ => _tolerance)]);
    }

    public (LanczosResult Result, Tensor Vectors) Result()
    {
        var pairs = _true.Of(_wanted);
        var roundOff = Precision.Epsilon(op.Dtype) * process.Scale;
        double[] residuals = [.. pairs.Residuals.Select(r => Math.Max(r, roundOff))];
        var converged = _settled && residuals.All(r => r <= _tolerance);
        var products = process.Count + _true.Products;
        return (new(pairs.Values, residuals, process.Count, products, converged, _tolerance), pairs.Vectors);
    }

    /// <summary>
    /// A complete space says nothing of further copies of its eigenvalues: the search ends at the first random restart that
    /// stays inside what the earlier blocks already hold.
    /// </summary>
    private bool AddsNothing(List<RitzPair> current)
    {
        if (_earlier.Count < largest + smallest) return false;
        var earlier = _earlier.Select(p => p.Value).Order().ToList();
        return (largest == 0 || current[^1].Value <= earlier[^largest] + _tolerance)
            && (smallest == 0 || current[0].Value >= earlier[smallest - 1] - _tolerance);
    }
}
