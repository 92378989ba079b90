using System.Globalization;

namespace LocalHessian;

/// <summary>The solution of a linear system, and how good it is.</summary>
/// <param name="Solution">x, of the shape and dtype of the right-hand side; the caller's to dispose.</param>
/// <param name="Residuals">
/// For each right-hand side <c>‖b − (A + δI)x‖</c> of the x returned, computed from one more product; never the recurrence's
/// estimate.
/// </param>
/// <param name="Iterations">Iterations, the most that a right-hand side took.</param>
/// <param name="Products">Products with one vector, of all right-hand sides and their residuals.</param>
/// <param name="Statuses">Why each right-hand side's solve ended.</param>
public sealed record SolveResult(
    Tensor Solution, IReadOnlyList<double> Residuals, int Iterations, int Products, IReadOnlyList<SolveStatus> Statuses)
{
    /// <summary>Whether all right-hand sides' residuals are within the tolerance.</summary>
    public bool Converged => Statuses.All(e => e == SolveStatus.Converged);

    /// <summary>The largest of the residuals.</summary>
    public double Residual => Residuals.Count == 0 ? 0 : Residuals.Max();

    /// <summary>Statuses, residual and cost in one line, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{(Converged ? "converged" : string.Join(", ", Statuses.Distinct()))}, residual {Residual:G3}, " +
        $"{Iterations} iterations, {Products} products, solution {Describe.Shape(Solution)}");
}
