namespace LocalHessian;

/// <summary>How far, with which damping and with which preconditioner a linear system is solved.</summary>
public sealed record SolveOptions
{
    /// <summary>The residual <c>‖b − (A + δI)x‖</c>, relative to <c>‖b‖</c>, at which a solve counts as converged.</summary>
    /// <value>The default, null, is <c>√eps</c> of the operator's dtype: 1.5e-8 in float64, 3.5e-4 in float32.</value>
    public double? Tolerance { get; init; }

    /// <summary>Iterations at most, for each right-hand side.</summary>
    /// <value>The default is 1000.</value>
    public int MaxIterations { get; init; } = 1000;

    /// <summary>δ: the system is <c>(A + δI)x = b</c>. Any finite number; a negative one is a shift.</summary>
    /// <value>The default is 0.</value>
    public double Damping { get; init; }

    /// <summary>
    /// <c>M⁻¹</c>, an approximate inverse of <c>A + δI</c>, symmetric and positive definite; it stays the caller's. By default
    /// there is none.
    /// </summary>
    public SymmetricOperator? Preconditioner { get; init; }

    internal double RelativeTolerance(ScalarType dtype) => Tolerance ?? Math.Sqrt(Precision.Epsilon(dtype));

    internal void Validate(SymmetricOperator a)
    {
        Finite.ThrowIfNegative(Tolerance, "The tolerance", nameof(Tolerance));
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxIterations, 1, nameof(MaxIterations));
        if (!double.IsFinite(Damping))
            throw new ArgumentOutOfRangeException(nameof(Damping), Damping, "The damping is a finite number.");
        if (Preconditioner is not null) ProductOperator.ThrowIfUnlike(a, Preconditioner);
    }
}
