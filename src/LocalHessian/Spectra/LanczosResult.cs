using System.Globalization;

namespace LocalHessian.Spectra;

/// <summary>Extreme eigenvalues as <see cref="Lanczos"/> found them.</summary>
/// <param name="Eigenvalues">Ascending: first the smallest, then the largest that were asked for.</param>
/// <param name="Residuals">
/// For each eigenvalue λ, with its unit vector v as it is returned, the norm <c>‖Hv − λv‖</c>, computed from one more product;
/// never below the round-off of a product, <c>eps·max|λ|</c>. An eigenvalue of the operator lies within that distance of λ.
/// </param>
/// <param name="Iterations">Steps of the recurrence, a product each.</param>
/// <param name="Products">All products, those for the residuals included.</param>
/// <param name="Converged">Whether every residual is within <paramref name="Tolerance"/>.</param>
/// <param name="Tolerance">The absolute tolerance applied.</param>
public sealed record LanczosResult(
    IReadOnlyList<double> Eigenvalues,
    IReadOnlyList<double> Residuals,
    int Iterations,
    int Products,
    bool Converged,
    double Tolerance)
{
    /// <summary>Eigenvalues, largest residual and convergence in one line, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"eigenvalues {Describe.Numbers(Eigenvalues)}, residuals at most {Residuals.Max():G3}, " +
        $"{(Converged ? "converged" : "not converged")} to {Tolerance:G3} in {Products} products");
}
