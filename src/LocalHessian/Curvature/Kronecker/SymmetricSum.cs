using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>
/// Σ X Xᵀ over matrices with the same number of rows; only blocks on and above the diagonal are computed until the end.
/// </summary>
internal sealed class SymmetricSum
{
    private const long Block = 128;
    private readonly long _size;
    private readonly Tensor _sum;

    public SymmetricSum(long size, ScalarType dtype, Device device) =>
        (_size, _sum) = (size, zeros(size, size, dtype, device));

    /// <summary>Adds X Xᵀ.</summary>
    public void Add(Tensor x)
    {
        // Each strip of rows meets itself and what is below: half of the products of a full multiplication.
        for (long start = 0; start < _size; start += Block)
        {
            var count = Math.Min(Block, _size - start);
            _sum.narrow(0, start, count).narrow(1, start, _size - start)
                .addmm_(x.narrow(0, start, count), x.narrow(0, start, _size - start).t());
        }
    }

    /// <summary>The whole matrix, times a number.</summary>
    public Tensor Result(double factor) => _sum.triu().add_(_sum.triu(1).t()).mul_(factor);
}
