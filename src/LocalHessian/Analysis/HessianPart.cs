namespace LocalHessian;

/// <summary>Which part of a local Hessian, eqs. (13) and (14).</summary>
public enum HessianPart
{
    /// <summary>H = AᵀA − Σ_k Δ_k ∇²F_k, all of it.</summary>
    Full,

    /// <summary>AᵀA with A = ∂F_b/∂θ: positive semi-definite, independent of Δ.</summary>
    GaussNewton,

    /// <summary>−Σ_k Δ_k ∇²F_k: zero for blocks that are linear in θ, and where Δ is zero.</summary>
    Residual,
}
