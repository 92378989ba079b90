namespace LocalHessian;

/// <summary>A Hessian of a recorded block, from its products with single vectors.</summary>
internal sealed class GraphOperator : SymmetricOperator
{
    private readonly LeafVector _theta;
    private readonly double _weight;
    private readonly Func<bool> _alive;
    private readonly IDisposable _derivative;
    private readonly Func<IReadOnlyList<int>, IReadOnlyList<Tensor>, Tensor?[]> _product;
    private readonly int[] _all;

    private GraphOperator(
        LeafVector theta, double weight, Func<bool> alive, IDisposable derivative,
        Func<IReadOnlyList<int>, IReadOnlyList<Tensor>, Tensor?[]> product)
        : base(theta.Size, theta.Leaves[0].dtype, theta.Leaves[0].device)
    {
        (_theta, _weight, _alive, _derivative, _product) = (theta, weight, alive, derivative, product);
        _all = [.. Enumerable.Range(0, theta.Leaves.Count)];
        theta.Own();
    }

    /// <summary>AᵀA with A = ∂F_b/∂θ.</summary>
    /// <param name="graph">The block.</param>
    /// <param name="theta">What the Hessian is taken with respect to.</param>
    /// <param name="weight">Multiplies it, 1/N for means.</param>
    /// <param name="alive">Whether the graph has not been disposed.</param>
    public static GraphOperator GaussNewton(BlockGraph graph, LeafVector theta, double weight, Func<bool> alive)
    {
        var jacobian = new RecordedJacobian(graph.Output, theta.Leaves);
        return new(theta, weight, alive, jacobian, (all, vector) =>
            BlockGraph.Pull(graph.Output, theta.Leaves, jacobian.Image(all, vector)));
    }

    /// <summary>The Hessian of a scalar by differentiating its gradient.</summary>
    /// <inheritdoc cref="GaussNewton" path="/param[position() > 1]"/>
    public static GraphOperator Hessian(Tensor scalar, LeafVector theta, double weight, Func<bool> alive)
    {
        var gradient = new RecordedDerivative(scalar, theta.Leaves);
        return new(theta, weight, alive, gradient, (all, vector) => gradient.Differentiate(all, vector, theta.Leaves));
    }

    protected override Tensor Multiply(Tensor columns)
    {
        ObjectDisposedException.ThrowIf(!_alive(), typeof(BackMatchingLoss));
        var result = empty_like(columns);
        for (long k = 0; k < columns.shape[1]; k++)
        {
            Cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            var product = _theta.Gather(_product(_all, _theta.Scatter(columns.select(1, k))));
            if (_weight != 1) product = product * _weight;
            result.select(1, k).copy_(product);
        }

        return result;
    }

    protected override void Release()
    {
        _theta.Release();
        _derivative.Dispose();
    }
}
