namespace LocalHessian.Internal;

/// <summary>
/// Random vectors of one size, from a generator of their own: the global random state is neither read nor moved.
/// </summary>
/// <remarks>
/// Drawn on the CPU, so that a seed gives the same vectors on every device, and one after the other, so that it does not
/// matter how many are asked for at once. Each vector is contiguous: they are the rows of a <c>(count, size)</c> tensor,
/// handed out transposed.
/// </remarks>
/// <param name="seed">Fixes the vectors.</param>
/// <param name="size">Entries of a vector.</param>
/// <param name="dtype">What they are for; they come in its working precision.</param>
/// <param name="device">Where they go.</param>
internal sealed class RandomVectors(long seed, long size, ScalarType dtype, Device device) : IDisposable
{
    private const int SignsADraw = 8;
    private readonly Generator _generator = new(unchecked((ulong)seed), CPU);
    private Tensor? _signs;

    /// <summary>Standard normal entries, <c>(size, count)</c>.</summary>
    public Tensor Normal(long count = 1)
    {
        var rows = empty([count, size], Precision.Working(dtype), CPU);
        // One at a time: what a vector is depends on the length of the tensor it is drawn into.
        for (long i = 0; i < count; i++) rows[i].normal_(0, 1, _generator);
        return rows.to(device).t();
    }

    /// <summary>Entries −1 and 1 with equal chance, <c>(size, count)</c>.</summary>
    /// <remarks>
    /// Eight signs from one draw: 2.6 ms a million. A draw each takes 7 ms (<c>randint</c>) to 20 ms (<c>bernoulli_</c>), as
    /// long as a product with a small network.
    /// </remarks>
    public Tensor Signs(long count = 1)
    {
        _signs ??= SignsOfBytes().DetachFromDisposeScope();
        var draws = (size + SignsADraw - 1) / SignsADraw;
        var bytes = randint(0, 1 << SignsADraw, [count * draws], ScalarType.Int32, CPU, generator: _generator);
        return _signs.index_select(0, bytes).view(count, draws * SignsADraw).narrow(1, 0, size).to(device).t();
    }

    public void Dispose()
    {
        _signs?.Dispose();
        _generator.Dispose();
    }

    /// <summary><c>(256, 8)</c>: row b holds the signs that the bits of b stand for.</summary>
    private Tensor SignsOfBytes()
    {
        var signs = from value in Enumerable.Range(0, 1 << SignsADraw)
                    from bit in Enumerable.Range(0, SignsADraw)
                    select ((value >> bit) & 1) * 2 - 1f;
        return tensor(signs.ToArray(), Precision.Working(dtype), CPU).view(1 << SignsADraw, SignsADraw);
    }
}
