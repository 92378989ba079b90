namespace LocalHessian.Internal;

/// <summary>A derivative with respect to leaves whose own graph is recorded once, to be differentiated again and again.</summary>
internal sealed class RecordedDerivative : IDisposable
{
    private readonly Tensor?[] _derivative;

    /// <summary>Of <c>⟨cotangent, output⟩</c>.</summary>
    /// <param name="output">An output with its graph; one that depends on nothing has the derivative zero.</param>
    /// <param name="leaves">What it is differentiated with respect to; frozen ones take part.</param>
    /// <param name="cotangent">Null for a scalar output.</param>
    public RecordedDerivative(Tensor output, IReadOnlyList<Tensor> leaves, Tensor? cotangent = null)
    {
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        using var unfrozen = new RequiresGradScope(leaves);
        _derivative = !output.requires_grad ? new Tensor?[leaves.Count]
            : Autograd.Grad([output], leaves, cotangent is null ? null : [cotangent], createGraph: true);
        foreach (var part in _derivative) part?.DetachFromDisposeScope();
    }

    /// <summary>The gradient of <c>Σ ⟨vector_i, derivative_i⟩</c>, i in a group; null where it depends on nothing.</summary>
    /// <param name="group">Indices of leaves.</param>
    /// <param name="vector">A tensor for each of them.</param>
    /// <param name="inputs">Differentiated with respect to these; frozen ones take part.</param>
    public Tensor?[] Differentiate(IReadOnlyList<int> group, IReadOnlyList<Tensor> vector, IReadOnlyList<Tensor> inputs)
    {
        using var unfrozen = new RequiresGradScope(inputs);
        // A derivative that does not depend on anything is that of a linear function.
        var curved = Enumerable.Range(0, group.Count).Where(i => _derivative[group[i]] is { requires_grad: true }).ToArray();
        return curved.Length == 0 ? new Tensor?[inputs.Count]
            : Autograd.Grad([.. curved.Select(i => _derivative[group[i]]!)], inputs, [.. curved.Select(i => vector[i])]);
    }

    public void Dispose()
    {
        foreach (var part in _derivative) part?.Dispose();
    }
}
