namespace LocalHessian.Spectra;

/// <summary>Extreme eigenvalues as <see cref="Lanczos"/> found them.</summary>
/// <param name="Eigenvalues">Ascending: first the smallest, then the largest that were asked for.</param>
/// <param name="Residuals">
/// For each eigenvalue λ, with its unit vector v, the residual <c>‖Hv − λv‖</c> as the recurrence gives it; never below the
/// round-off of a product, <c>eps·max|λ|</c>. An eigenvalue of the operator lies within that distance of λ.
/// </param>
/// <param name="Iterations">Products with one vector.</param>
/// <param name="Converged">Whether every residual is within <paramref name="Tolerance"/>.</param>
/// <param name="Tolerance">The absolute tolerance applied.</param>
public sealed record LanczosResult(
    IReadOnlyList<double> Eigenvalues,
    IReadOnlyList<double> Residuals,
    int Iterations,
    bool Converged,
    double Tolerance);
