namespace LocalHessian;

/// <summary><c>(A + δI)⁻¹</c> as an operator that solves in each product.</summary>
/// <remarks>
/// It borrows A and the preconditioner. A product is as good as its solve: symmetric and linear up to the tolerance. A solve
/// that does not converge throws <see cref="SolveFailedException"/>: a product that is silently something else would be worse
/// than none.
/// </remarks>
public sealed class InverseOperator : SymmetricOperator
{
    private readonly SymmetricOperator _a;
    private readonly SolveMethod _method;
    private readonly SolveOptions _options;

    /// <summary>The inverse of an operator.</summary>
    /// <param name="a">The operator.</param>
    /// <param name="options">Tolerance, iterations, damping and preconditioner of each solve; null for the defaults.</param>
    /// <param name="method">Conjugate gradients by default.</param>
    /// <exception cref="ArgumentException">An option out of its range, or a preconditioner that does not fit.</exception>
    public InverseOperator(SymmetricOperator a, SolveOptions? options = null, SolveMethod method = SolveMethod.ConjugateGradients)
        : base(Argument.ThrowIfNull(a).Size, a.Dtype, a.Device)
    {
        DefinedEnum.ThrowUnlessDefined(method, nameof(method));
        (_a, _method, _options) = (a, method, options ?? new());
        _options.Validate(a);
    }

    /// <inheritdoc/>
    protected override Tensor Multiply(Tensor columns)
    {
        var result = _method == SolveMethod.Minres
            ? Minres.Solve(_a, columns, _options, null, Cancellation)
            : ConjugateGradients.Solve(_a, columns, _options, null, Cancellation);
        if (!result.Converged)
            throw new SolveFailedException(result, result.Residual / columns.norm(0).max().ToNumber());
        return result.Solution;
    }
}
