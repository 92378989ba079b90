namespace LocalHessian;

/// <summary>Linear systems with a symmetric operator that may be indefinite: Paige and Saunders 1975.</summary>
/// <remarks>
/// Of all vectors in the Krylov space it takes the one with the smallest residual, so that the residual never grows. For a
/// singular A and a b outside of its range it ends with about the least residual there is
/// (<see cref="SolveStatus.Inconsistent"/>).
/// </remarks>
public static class Minres
{
    /// <inheritdoc cref="ConjugateGradients.Solve"/>
    public static SolveResult Solve(
        SymmetricOperator a, Tensor b, SolveOptions? options = null,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        SolveDriver.Run(
            a, b, options ?? new(), new Progress("MINRES", progress, cancellationToken),
            (like, precondition) => new MinresRecurrence(like, precondition, Precision.Epsilon(a.Dtype)));
}
