namespace LocalHessian.Spectra;

/// <summary>
/// What every routine that draws vectors works in: a dispose scope, no gradients, and random vectors for an operator from a
/// generator of their own.
/// </summary>
internal sealed class RandomizedCall(LinearOperator op, long seed) : IDisposable
{
    private readonly DisposeScope _scope = NewDisposeScope();
    private readonly IDisposable _ungraded = no_grad();

    public RandomVectors Random { get; } = new(seed, op.Size, op.Dtype, op.Device);

    public void Dispose()
    {
        Random.Dispose();
        _ungraded.Dispose();
        _scope.Dispose();
    }
}
