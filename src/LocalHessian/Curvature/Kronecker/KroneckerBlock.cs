namespace LocalHessian;

/// <summary>
/// One layer's block, <c>A ⊗ S</c> acting on the matrix V of weight and bias as <c>S V A</c>; or, with a diagonal D of its own
/// in the eigenbases of S and A,  <c>U_S (D ∘ (U_Sᵀ V U_A)) U_Aᵀ</c>.
/// </summary>
internal sealed class KroneckerBlock : IDisposable
{
    private readonly Tensor _inputs, _outputs;
    private (Tensor Values, Tensor Vectors)? _inputBasis, _outputBasis;
    private Tensor? _diagonal;

    /// <param name="layer">The layer.</param>
    /// <param name="inputs">A.</param>
    /// <param name="outputs">S.</param>
    public KroneckerBlock(KroneckerLayer layer, Tensor inputs, Tensor outputs) =>
        (Layer, _inputs, _outputs) = (layer, inputs.DetachFromDisposeScope(), outputs.DetachFromDisposeScope());

    public KroneckerLayer Layer { get; }

    /// <summary>A.</summary>
    public Tensor Inputs => _inputs;

    /// <summary>S.</summary>
    public Tensor Outputs => _outputs;

    public Tensor InputVectors => InputBasis().Vectors;

    public Tensor OutputVectors => OutputBasis().Vectors;

    /// <summary>Sets the diagonal in the eigenbasis, <c>[outputs, columns]</c>.</summary>
    public void Correct(Tensor diagonal) => _diagonal = diagonal.DetachFromDisposeScope();

    /// <summary>The eigenvalues, <c>[outputs, columns]</c>; round-off below zero is taken off.</summary>
    public Tensor Eigenvalues() => _diagonal ?? OutputBasis().Values.unsqueeze(1) * InputBasis().Values;

    /// <summary>The product with matrices <c>[k, outputs, columns]</c>.</summary>
    public Tensor Multiply(Tensor v) => _diagonal is { } d ? InEigenbasis(v, d) : _outputs.matmul(v).matmul(_inputs);

    /// <summary>The product of the damped inverse.</summary>
    public Tensor Solve(Tensor v, double damping) => InEigenbasis(v, 1 / (Eigenvalues() + damping));

    public double Trace() => _diagonal is { } d ? d.sum(ScalarType.Float64).ToNumber()
        : _outputs.trace().ToNumber() * _inputs.trace().ToNumber();

    public double SquaredNorm() => _diagonal is { } d ? Square(d) : Square(_outputs) * Square(_inputs);

    public double LogDeterminant(double damping) => (Eigenvalues().to(ScalarType.Float64) + damping).log().sum().ToNumber();

    public void Dispose()
    {
        _inputs.Dispose();
        _outputs.Dispose();
        _diagonal?.Dispose();
        foreach (var basis in new[] { _inputBasis, _outputBasis })
        {
            basis?.Values.Dispose();
            basis?.Vectors.Dispose();
        }
    }

    private Tensor InEigenbasis(Tensor v, Tensor diagonal)
    {
        var (inner, outer) = (InputVectors, OutputVectors);
        return outer.matmul(outer.t().matmul(v).matmul(inner) * diagonal).matmul(inner.t());
    }

    private (Tensor Values, Tensor Vectors) InputBasis() => _inputBasis ??= Basis(_inputs);

    private (Tensor Values, Tensor Vectors) OutputBasis() => _outputBasis ??= Basis(_outputs);

    private static (Tensor, Tensor) Basis(Tensor matrix)
    {
        using var scope = NewDisposeScope();
        var (values, vectors) = linalg.eigh(matrix);
        return (values.clamp_(min: 0).DetachFromDisposeScope(), vectors.DetachFromDisposeScope());
    }

    private static double Square(Tensor t) => t.to(ScalarType.Float64).square().sum().ToNumber();
}
