namespace LocalHessian;

/// <summary>Linear systems with a positive (semi-)definite operator: Hestenes and Stiefel 1952, preconditioned.</summary>
/// <remarks>
/// For a semi-definite A and b in its range the solution from zero is <c>A⁺b</c>. The error in A's norm is at most
/// <c>2((√κ − 1)/(√κ + 1))ᵏ</c> of the first after k iterations, κ the condition number of <c>M⁻¹(A + δI)</c>.
/// </remarks>
public static class ConjugateGradients
{
    /// <summary>Solves <c>(A + δI)x = b</c>.</summary>
    /// <remarks>
    /// Several right-hand sides go side by side, one product of all of them an iteration, each with its own recurrence. Vectors
    /// of the recurrence are float64; where the residual computed at its end is not what the recurrence says, the solve is
    /// refined from there.
    /// </remarks>
    /// <param name="a">The operator.</param>
    /// <param name="b">A right-hand side of shape <c>(n)</c>, or k of them as the columns of an <c>(n, k)</c> tensor.</param>
    /// <param name="options">Tolerance, iterations, damping and preconditioner; null for the defaults.</param>
    /// <param name="progress">Is told between products; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="ArgumentException">
    /// A right-hand side or preconditioner that does not fit the operator, or is not finite.
    /// </exception>
    /// <exception cref="InvalidOperationException">
    /// A product is NaN or infinite, or the preconditioner is not positive definite.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public static SolveResult Solve(
        SymmetricOperator a, Tensor b, SolveOptions? options = null,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        SolveDriver.Run(
            a, b, options ?? new(), new Progress("conjugate gradients", progress, cancellationToken),
            (like, precondition) => new ConjugateGradientRecurrence(like, precondition, Precision.Epsilon(a.Dtype)));
}
