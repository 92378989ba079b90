namespace LocalHessian;

/// <summary>Why a solve ended.</summary>
public enum SolveStatus
{
    /// <summary>The computed residual is within the tolerance.</summary>
    Converged,

    /// <summary>The iterations allowed are used up.</summary>
    MaxIterations,

    /// <summary>
    /// Conjugate gradients met a direction of negative curvature: the matrix is not positive semi-definite. <see cref="Minres"/>,
    /// or more damping.
    /// </summary>
    NotDefinite,

    /// <summary>
    /// The right-hand side has a part outside of the range of the matrix: no solution exists, and this residual is about the
    /// least there is.
    /// </summary>
    Inconsistent,

    /// <summary>
    /// Round-off of products and of the solution in the operator's dtype keeps the residual above the tolerance.
    /// </summary>
    RoundOff,
}
