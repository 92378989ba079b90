namespace LocalHessian.Scaling;

/// <summary>What the last block, which has no batch normalisation, is divided by.</summary>
public enum HeadRule
{
    /// <summary>eq. (24) as for every other block: the paper's treatment, and the default.</summary>
    Amended,

    /// <summary>The gradient of the last block is left as it is, m_{B,W} = 1. Its m_{B,z} multiplies as before.</summary>
    Plain,
}
