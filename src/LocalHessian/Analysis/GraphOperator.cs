using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>Products with a Hessian of a recorded block; a subclass says how one vector is multiplied.</summary>
internal abstract class GraphOperator : SymmetricOperator
{
    private readonly LeafVector _theta;
    private readonly double _factor;
    private readonly Func<bool> _alive;

    /// <param name="theta">What the Hessian is taken with respect to.</param>
    /// <param name="factor">A constant factor, 1/N for means.</param>
    /// <param name="alive">Whether the graph has not been disposed.</param>
    protected GraphOperator(LeafVector theta, double factor, Func<bool> alive)
        : base(theta.Size, theta.Leaves[0].dtype, theta.Leaves[0].device)
    {
        (_theta, _factor, _alive) = (theta, factor, alive);
        theta.Own();
    }

    protected IReadOnlyList<Tensor> Leaves => _theta.Leaves;

    protected sealed override Tensor Multiply(Tensor columns)
    {
        ObjectDisposedException.ThrowIf(!_alive(), typeof(BackMatchingLoss));
        var result = empty_like(columns);
        for (long k = 0; k < columns.shape[1]; k++)
        {
            Cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var product = _theta.Gather(Product(_theta.Scatter(columns.select(1, k))));
            if (_factor != 1) product = product * _factor;
            result.select(1, k).copy_(product);
        }

        return result;
    }

    /// <summary>The product with one vector, split into a tensor a leaf.</summary>
    protected abstract IReadOnlyList<Tensor> Product(IReadOnlyList<Tensor> vector);

    protected override void Release() => _theta.Release();
}
