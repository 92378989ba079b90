namespace LocalHessian;

/// <summary>
/// Σ XᵀX over matrices with the same number of columns; only what lies on and above the diagonal is computed until the end.
/// </summary>
internal sealed class SymmetricSum
{
    private const long Block = 128;
    private readonly long _size;
    private readonly Tensor _sum;

    public SymmetricSum(long size, ScalarType dtype, Device device) =>
        (_size, _sum) = (size, zeros(size, size, dtype, device));

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
            // From the diagonal on: what lies to its left has been copied there, with its factor.
            var strip = _sum.narrow(0, start, count).narrow(1, start, _size - start).mul_(factor);
            var diagonal = strip.narrow(1, 0, count);
            diagonal.copy_(diagonal.triu() + diagonal.triu(1).t());
            var (next, rest) = (start + count, _size - start - count);
            if (rest > 0) _sum.narrow(0, next, rest).narrow(1, start, count).copy_(strip.narrow(1, count, rest).t());
        }

        return _sum;
    }

    private IEnumerable<(long Start, long Count)> Strips()
    {
        for (long start = 0; start < _size; start += Block) yield return (start, Math.Min(Block, _size - start));
    }
}
