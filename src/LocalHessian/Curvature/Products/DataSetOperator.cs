namespace LocalHessian;

/// <summary>A curvature matrix over the data: the sum of the batches' parts, over N for means.</summary>
internal sealed class DataSetOperator : SymmetricOperator
{
    private readonly RecordedData _data;
    private readonly BatchProduct _product;
    private readonly int[][] _groups;
    private BatchProduct.Multiplication? _kept;

    public DataSetOperator(RecordedData data, BatchProduct product, CurvatureBlocks blocks)
        : base(data.Theta.Size, data.Theta.Leaves[0].dtype, data.Theta.Leaves[0].device) =>
        (_data, _product, _groups) = (data, product, data.Theta.Groups(blocks));

    protected override Tensor Multiply(Tensor columns)
    {
        // Vectors as rows: each is then one stretch of memory. Columns that lie so are not copied. With a third dimension
        // libtorch copies on all threads; a matrix it transposes on one, which takes three times as long.
        var vectors = columns.t();
        if (vectors.stride(1) != 1) vectors = vectors.unsqueeze(0).contiguous().squeeze(0);
        var result = zeros(vectors.shape, Dtype, Device);
        using var pass = _product.Begin();
        var samples = _data.ForEach(record => AddTo(result, vectors, record, pass), Cancellation);
        return result.mul_(_data.Weight(samples)).t();
    }

    private void AddTo(Tensor result, Tensor vectors, BatchRecord record, IDisposable? pass)
    {
        var multiply = _kept ?? _product.Prepare(record, pass);
        if (record.IsKept) _kept = multiply;
        for (long k = 0; k < vectors.shape[0]; k++)
        {
            Cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var parts = _data.Theta.Split(vectors[k]);
            foreach (var group in _groups)
                _data.Theta.AddTo(result[k], group, multiply(group, [.. group.Select(i => parts[i])]));
        }
    }
}
