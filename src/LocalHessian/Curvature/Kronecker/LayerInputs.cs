namespace LocalHessian;

/// <summary>A of one layer: the second moment of what its weight meets, with a one for the bias, batch after batch.</summary>
internal sealed class LayerInputs : IDisposable
{
    private readonly KroneckerLayer _layer;
    private readonly KroneckerPositions _positions;
    private readonly Tensor _sum;
    private readonly SymmetricSum _rows;
    private PatchProducts? _products;
    private long[] _map = [];
    private long _count;

    /// <param name="layer">The layer.</param>
    /// <param name="positions">What is done with positions that share the weight.</param>
    /// <param name="like">Has the dtype and device of the result.</param>
    public LayerInputs(KroneckerLayer layer, KroneckerPositions positions, Tensor like)
    {
        (_layer, _positions) = (layer, positions);
        _sum = zeros(layer.Columns, layer.Columns, like.dtype, like.device);
        _rows = new(_sum);
    }

    /// <summary>Adds a batch of so many samples.</summary>
    public void Add(Tensor input, long samples)
    {
        Plan(input);
        if (_products is not null)
        {
            _products.Add(input);
            _count += input.shape[0] * _products.Plan.Positions;
            return;
        }

        // Rows are samples, and positions where each counts by itself.
        var rows = Rows(input, samples);
        _rows.Add(rows);
        _count += rows.shape[0];
    }

    /// <summary>The mean; no more can be added afterwards.</summary>
    public Tensor Result()
    {
        Finish();
        return _rows.Result(1.0 / _count);
    }

    public void Dispose() => _products?.Dispose();

    // Maps may have another size in another batch.
    private void Plan(Tensor input)
    {
        if (_layer.Module is not Convolution convolution || _layer.Weight is null || _positions != KroneckerPositions.Expand
            || input.shape.AsSpan(1).SequenceEqual(_map)) return;
        Finish();
        _map = input.shape[1..];
        _products = PatchPlan.Cheapest(convolution, input.shape) is { } plan ? new(plan, _sum) : null;
    }

    private void Finish()
    {
        if (_products is null) return;
        using var scope = NewDisposeScope();
        var inputs = _layer.Inputs;
        _products.AddTo(_sum.narrow(0, 0, inputs).narrow(1, 0, inputs));
        if (_layer.Bias is not null)
        {
            var sum = LayerRows.InputRows(_layer.Module, _products.Total).sum(dim: 0);
            _sum.select(1, inputs).add_(cat([sum, full(1, _products.Count, sum.dtype, sum.device)]));
        }

        _products.Dispose();
        _products = null;
    }

    private Tensor Rows(Tensor input, long samples)
    {
        if (_positions == KroneckerPositions.Expand) return _layer.WithOne(LayerRows.InputRows(_layer.Module, input), 1);
        _layer.ThrowUnlessRowsAreSamples(input.shape[0], samples);
        return _layer.WithOne(LayerRows.Inputs(_layer.Module, input).mean([2]), 1);
    }
}
