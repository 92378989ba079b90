namespace LocalHessian.Internal;

/// <summary>
/// Products with J = ∂output/∂leaves of a recorded evaluation. Jᵀc is linear in c, so a vector-Jacobian product through its
/// graph with respect to c is J·v; that graph is recorded once.
/// </summary>
internal sealed class RecordedJacobian : IDisposable
{
    private readonly Tensor _output, _cotangent;
    private readonly RecordedDerivative _transposed;

    public RecordedJacobian(Tensor output, IReadOnlyList<Tensor> leaves)
    {
        _output = output;
        _cotangent = zeros_like(output, requires_grad: true).DetachFromDisposeScope();
        _transposed = new(output, leaves, _cotangent);
    }

    /// <summary>J·v, of the output's shape.</summary>
    /// <param name="group">Indices of leaves; v is zero for the others.</param>
    /// <param name="vector">A tensor for each of them.</param>
    public Tensor Image(IReadOnlyList<int> group, IReadOnlyList<Tensor> vector) =>
        _transposed.Differentiate(group, vector, [_cotangent])[0] ?? zeros_like(_output).detach();

    public void Dispose()
    {
        _cotangent.Dispose();
        _transposed.Dispose();
    }
}
