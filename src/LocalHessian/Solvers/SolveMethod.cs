namespace LocalHessian;

/// <summary>The method of a solve.</summary>
public enum SolveMethod
{
    /// <summary><see cref="LocalHessian.ConjugateGradients"/>, for positive definite operators.</summary>
    ConjugateGradients,

    /// <summary><see cref="LocalHessian.Minres"/>, for any symmetric operator.</summary>
    Minres,
}
