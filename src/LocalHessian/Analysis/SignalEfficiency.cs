namespace LocalHessian;

/// <summary>
/// How efficiently a gradient step passes the signal through a block, the paper's thesis as a number: what the step removes
/// of ℓ_b against what the best step removes, both in the quadratic model <c>q(d) = ℓ_b + gᵀd + ½ dᵀHd</c> with the
/// Gauss-Newton H = AᵀA (for the last block the Hessian of J), g = ∇ℓ_b.
/// </summary>
/// <remarks>
/// The best step is <c>−H⁺g</c>. Line search against best is <c>(gᵀg)²/((gᵀHg)(gᵀH⁺g))</c>: at most 1, reached where g is an
/// eigenvector of H, so always where all non-zero eigenvalues are equal (orthogonal W); at least <c>4κ/(1 + κ)²</c> by
/// Kantorovich.
/// </remarks>
/// <param name="Loss">ℓ_b, or J.</param>
/// <param name="StepReduction">
/// <c>η gᵀg − ½ η² gᵀHg</c>, what a gradient step of the size asked for removes; negative where it overshoots.
/// </param>
/// <param name="LineSearchReduction"><c>½ (gᵀg)²/gᵀHg</c>, what the best step along the gradient removes.</param>
/// <param name="BestReduction"><c>½ gᵀH⁺g</c>; infinite where the Hessian of J is indefinite along the way.</param>
/// <param name="Iterations">Products that the conjugate gradients for <c>H⁺g</c> took.</param>
/// <param name="Converged">Whether their residual met the tolerance; else the best reduction is a lower bound.</param>
public sealed record SignalEfficiency(
    double Loss, double StepReduction, double LineSearchReduction, double BestReduction, int Iterations, bool Converged)
{
    /// <summary>From the products that the model needs.</summary>
    /// <param name="loss">ℓ_b, or J.</param>
    /// <param name="step">η.</param>
    /// <param name="gg">gᵀg.</param>
    /// <param name="gHg">gᵀHg.</param>
    /// <param name="best">gᵀH⁺g.</param>
    /// <param name="iterations">As above.</param>
    /// <param name="converged">As above.</param>
    internal static SignalEfficiency Of(
        double loss, double step, double gg, double gHg, double best, int iterations, bool converged) =>
        gg == 0 ? new(loss, 0, 0, 0, 0, true)
            : new(loss, step * gg - step * step * gHg / 2, gg * gg / gHg / 2, best / 2, iterations, converged);

    /// <summary>The step of the size asked for against the best step; NaN for a zero gradient.</summary>
    public double Step => StepReduction / BestReduction;

    /// <summary>The best step along the gradient against the best step, in (0, 1]; NaN for a zero gradient.</summary>
    public double LineSearch => LineSearchReduction / BestReduction;

    /// <summary>
    /// The share of the loss that the best step removes: for ℓ_b, how much of the desired change the block can reach at all.
    /// </summary>
    public double Reachable => BestReduction / Loss;
}
