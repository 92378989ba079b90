namespace LocalHessian;

/// <summary>Whether a local Hessian is that of the loss summed over the batch or of its mean (MATH §2).</summary>
public enum BatchReduction
{
    /// <summary>The Hessian of ℓ_b as eq. (5) defines it, eq. (9).</summary>
    Sum,

    /// <summary>The same over N, as eqs. (40), (41), Remark 3 and eq. (24) need it.</summary>
    Mean,
}
