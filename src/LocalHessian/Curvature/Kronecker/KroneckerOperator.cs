namespace LocalHessian;

/// <summary>
/// K-FAC or EKFAC of the chosen parameters: a block-diagonal matrix with a Kronecker product for each layer, whose products,
/// damped inverse, trace, norm and log-determinant cost no pass over the data (MATH §9).
/// </summary>
/// <remarks>It owns its factors and does not depend on the <see cref="NetworkCurvature"/> it came from.</remarks>
public sealed class KroneckerOperator : SymmetricOperator
{
    private readonly IReadOnlyList<KroneckerBlock> _blocks;
    private readonly double? _damping;
    private readonly bool _owns;

    internal KroneckerOperator(IReadOnlyList<KroneckerBlock> blocks, long size, double? damping = null)
        : base(size, blocks[0].Inputs.dtype, blocks[0].Inputs.device) =>
        (_blocks, _damping, _owns) = (blocks, damping, damping is null);

    /// <summary>The layers, by name, in the network's order.</summary>
    public IReadOnlyList<string> Layers => [.. _blocks.Select(b => b.Layer.Name)];

    /// <summary>
    /// <c>(K + δI)⁻¹</c>, exactly: a preconditioner for conjugate gradients, or the natural gradient's matrix. It borrows the
    /// factors of this operator.
    /// </summary>
    /// <param name="damping">δ, above zero; the matrix is singular in general.</param>
    /// <exception cref="ArgumentOutOfRangeException">The damping is not a finite number above zero.</exception>
    /// <exception cref="InvalidOperationException">This is an inverse already.</exception>
    public SymmetricOperator Inverse(double damping)
    {
        ThrowIfInverse();
        Finite.ThrowUnlessPositive(damping, "The damping", nameof(damping));
        return new KroneckerOperator(_blocks, Size, damping);
    }

    /// <summary>The trace.</summary>
    public double Trace() => Sum(b => b.Trace());

    /// <summary>The Frobenius norm.</summary>
    public double FrobeniusNorm() => Math.Sqrt(Sum(b => b.SquaredNorm()));

    /// <summary><c>log det(K + δI)</c>.</summary>
    /// <param name="damping">δ, from zero up. At zero a singular matrix gives minus infinity.</param>
    /// <exception cref="ArgumentOutOfRangeException">The damping is negative or not finite.</exception>
    public double LogDeterminant(double damping = 0)
    {
        Finite.ThrowIfNegative(damping, "The damping", nameof(damping));
        return Sum(b => b.LogDeterminant(damping));
    }

    /// <summary>
    /// The factors of a layer: <c>A</c>, second moment of its inputs with a one for the bias, and <c>S</c>, of its output
    /// gradients.
    /// </summary>
    /// <returns>Copies, the caller's to dispose: <c>[columns, columns]</c> and <c>[outputs, outputs]</c>.</returns>
    /// <exception cref="ArgumentException">There is no such layer.</exception>
    public (Tensor Inputs, Tensor Outputs) Factors(string layer)
    {
        ArgumentNullException.ThrowIfNull(layer);
        ThrowIfInverse();
        var block = _blocks.FirstOrDefault(b => b.Layer.Name == layer)
            ?? throw new ArgumentException(
                $"There is no layer '{layer}'; there are {Describe.Names(Layers)}.", nameof(layer));
        using var scope = NewDisposeScope();
        return (InWeightOrder(block).MoveToOuterDisposeScope(), block.Outputs.clone().MoveToOuterDisposeScope());
    }

    /// <inheritdoc/>
    protected override Tensor Multiply(Tensor columns)
    {
        var result = empty_like(columns);
        foreach (var block in _blocks)
        {
            ObjectDisposedException.ThrowIf(block.Inputs.IsInvalid, this);
            Cancellation.ThrowIfCancellationRequested();
            var v = Matrices(block.Layer, columns);
            Write(block.Layer, result, _damping is { } damping ? block.Solve(v, damping) : block.Multiply(v));
        }

        return result;
    }

    /// <inheritdoc/>
    protected override void Release()
    {
        if (!_owns) return;
        foreach (var block in _blocks) block.Dispose();
    }

    // [k, outputs, columns]: the weight's rows, the bias as the last column.
    private static Tensor Matrices(KroneckerLayer layer, Tensor columns)
    {
        var parts = new List<Tensor>();
        if (layer.Weight is { } w)
            parts.Add(layer.FromWeightOrder(columns.narrow(0, w.Offset, w.Count).t().reshape(-1, layer.Outputs, layer.Inputs)));
        if (layer.Bias is { } b) parts.Add(columns.narrow(0, b.Offset, b.Count).t().reshape(-1, layer.Outputs, 1));
        return parts.Count == 1 ? parts[0] : cat(parts, 2);
    }

    private static void Write(KroneckerLayer layer, Tensor result, Tensor matrices)
    {
        var count = matrices.shape[0];
        if (layer.Weight is { } w)
            result.narrow(0, w.Offset, w.Count)
                .copy_(layer.ToWeightOrder(matrices.narrow(2, 0, layer.Inputs)).reshape(count, w.Count).t());
        if (layer.Bias is { } b) result.narrow(0, b.Offset, b.Count).copy_(matrices.select(2, layer.Inputs).t());
    }

    private static Tensor InWeightOrder(KroneckerBlock block)
    {
        var layer = block.Layer;
        if (layer.Weight is null) return block.Inputs.clone();
        var order = layer.ToWeightOrder(arange(layer.Inputs, device: block.Inputs.device).view(1, 1, -1)).reshape(-1);
        if (layer.Bias is not null) order = cat([order, full(1, layer.Inputs, ScalarType.Int64, order.device)]);
        return block.Inputs.index_select(0, order).index_select(1, order);
    }

    private double Sum(Func<KroneckerBlock, double> number)
    {
        ThrowIfInverse();
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        ObjectDisposedException.ThrowIf(_blocks[0].Inputs.IsInvalid, this);
        return _blocks.Sum(number);
    }

    private void ThrowIfInverse()
    {
        if (_damping is not null)
            throw new InvalidOperationException("This operator is a damped inverse; ask the one it was made from.");
    }
}
