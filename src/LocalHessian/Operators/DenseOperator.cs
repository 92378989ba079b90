namespace LocalHessian;

/// <summary>A dense symmetric matrix as an operator.</summary>
/// <remarks>It shares the matrix' memory: later changes of the matrix show, and are not checked.</remarks>
public sealed class DenseOperator : SymmetricOperator
{
    private readonly Tensor _matrix;

    /// <summary>Wraps a matrix, which stays the caller's; it may be disposed while the operator lives.</summary>
    /// <param name="matrix"><c>(n, n)</c>, floating point, finite and symmetric.</param>
    /// <exception cref="ArgumentException">
    /// The matrix is not square, not floating point, not finite, or not symmetric (tolerance: <see
    /// cref="SymmetricMatrix.ThrowUnlessSymmetric"/>).
    /// </exception>
    public DenseOperator(Tensor matrix)
        : base(SymmetricMatrix.ThrowUnlessSymmetric(matrix).shape[0], matrix.dtype, matrix.device) =>
        _matrix = matrix.detach().DetachFromDisposeScope();

    /// <inheritdoc/>
    protected override Tensor Multiply(Tensor columns) => _matrix.mm(columns);

    /// <inheritdoc/>
    protected override void Release() => _matrix.Dispose();
}
