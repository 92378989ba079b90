namespace LocalHessian;

/// <summary>A product of an <see cref="InverseOperator"/> needed a solve that did not converge.</summary>
public sealed class SolveFailedException : InvalidOperationException
{
    internal SolveFailedException(SolveResult result, double relative) : base(
        FormattableString.Invariant($"The solve behind a product of the inverse did not converge ({result}), ") +
        FormattableString.Invariant($"relative residual {relative:G3}. ") +
        "Allow more iterations or a larger tolerance, add damping, or precondition; for an indefinite operator take MINRES.")
    {
        (Statuses, Residuals) = (result.Statuses, result.Residuals);
    }

    /// <summary>Why the solve of each vector ended.</summary>
    public IReadOnlyList<SolveStatus> Statuses { get; }

    /// <summary>The residual of each vector.</summary>
    public IReadOnlyList<double> Residuals { get; }
}
