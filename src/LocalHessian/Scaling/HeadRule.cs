namespace LocalHessian.Scaling;

/// <summary>What the last block, which has no batch normalisation, is divided by.</summary>
public enum HeadRule
{
    /// <summary>eq. (24) as for every other block: the paper's treatment, and the default.</summary>
    Amended,

    /// <summary>The gradient of the last block is left as it is, m_{B,W} = 1. Its m_{B,z} multiplies as before.</summary>
    Plain,

    /// <summary>
    /// Measured scales only: instead of random signs, the probe at the network's output has the covariance diag(p) − ppᵀ, p the
    /// softmax over dimension 1. So the traces are those of the Gauss-Newton Hessian of softmax cross entropy itself,
    /// AᵀH_J A, H_J being exact at the output (MATH §7).
    /// </summary>
    CrossEntropy,
}
