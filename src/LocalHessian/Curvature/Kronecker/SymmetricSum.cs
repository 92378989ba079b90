namespace LocalHessian;

/// <summary>
/// Σ XᵀX over matrices with the same number of columns; only what lies on and above the diagonal is computed until the end.
/// </summary>
internal sealed class SymmetricSum
{
    private const long Block = 128;
    private readonly long _size;
    private readonly Tensor _sum;

    /// <param name="sum">The sum so far; zeros at first.</param>
    public SymmetricSum(Tensor sum) => (_size, _sum) = (sum.shape[0], sum);

    /// <summary>Adds XᵀX.</summary>
    public void Add(Tensor x)
    {
        // Each strip of columns meets itself and what is to its right: half of the products of a full multiplication.
        foreach (var (start, count) in Strips())
            _sum.narrow(0, start, count).narrow(1, start, _size - start)
                .addmm_(x.narrow(1, start, count).t(), x.narrow(1, start, _size - start));
    }

    /// <summary>The whole matrix, times a number; no more can be added afterwards.</summary>
    public Tensor Result(double factor)
    {
        foreach (var (start, count) in Strips())
        {
            var rows = _sum.narrow(0, start, count);
            var diagonal = rows.narrow(1, start, count);
            diagonal.copy_(diagonal.triu() + diagonal.triu(1).t());
            var (next, rest) = (start + count, _size - start - count);
            if (rest > 0) _sum.narrow(0, next, rest).narrow(1, start, count).copy_(rows.narrow(1, next, rest).t());
        }

        return _sum.mul_(factor);
    }

    private IEnumerable<(long Start, long Count)> Strips()
    {
        for (long start = 0; start < _size; start += Block) yield return (start, Math.Min(Block, _size - start));
    }
}
