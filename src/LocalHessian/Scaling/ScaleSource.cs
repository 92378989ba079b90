namespace LocalHessian.Scaling;

/// <summary>Where the scale of a parameter's local Hessian is taken from.</summary>
public enum ScaleSource
{
    /// <summary>eq. (24), from shapes and the norms of the weights. For chains only. The default.</summary>
    ClosedForm,

    /// <summary>
    /// Measured from the network's output: one vector-Jacobian product with random signs v gives
    /// ‖(∂out/∂W_b)ᵀv‖²/(N·dim W_b) in place of m·m_{b,W}, for any architecture and every parameter. The measured form to use.
    /// </summary>
    Composite,

    /// <summary>
    /// Measured block by block, trace over dimension, multiplied along the chain of blocks as in eq. (23). For study: as features
    /// become correlated the product collapses and the lower blocks' steps explode (MATH §7).
    /// </summary>
    BlockTrace,

    /// <summary>
    /// Measured block by block as the Rayleigh quotient ‖A_θ d‖²/‖d‖² along the signal d that back-propagation sends. For
    /// study: the signal lies along the top eigenvectors, the product grows, and the lower blocks stand still (MATH §7).
    /// </summary>
    BlockRayleigh,
}
