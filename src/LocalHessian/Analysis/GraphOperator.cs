using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>Products with a Hessian of a recorded block; a subclass says how one vector is multiplied.</summary>
internal abstract class GraphOperator : SymmetricOperator
{
    private readonly LeafVector _theta;
    private readonly double _weight;
    private readonly Func<bool> _alive;
    private readonly int[] _all;

    /// <param name="theta">What the Hessian is taken with respect to.</param>
    /// <param name="weight">Multiplies it, 1/N for means.</param>
    /// <param name="alive">Whether the graph has not been disposed.</param>
    protected GraphOperator(LeafVector theta, double weight, Func<bool> alive)
        : base(theta.Size, theta.Leaves[0].dtype, theta.Leaves[0].device)
    {
        (_theta, _weight, _alive, _all) = (theta, weight, alive, [.. Enumerable.Range(0, theta.Leaves.Count)]);
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
            var product = _theta.Gather(Product(_all, _theta.Scatter(columns.select(1, k))));
            if (_weight != 1) product = product * _weight;
            result.select(1, k).copy_(product);
        }

        return result;
    }

    /// <summary>The product with one vector, split into a tensor a leaf; null for zeros.</summary>
    /// <param name="all">The indices of all leaves.</param>
    /// <param name="vector">The vector.</param>
    protected abstract IReadOnlyList<Tensor?> Product(IReadOnlyList<int> all, IReadOnlyList<Tensor> vector);

    protected override void Release() => _theta.Release();
}
