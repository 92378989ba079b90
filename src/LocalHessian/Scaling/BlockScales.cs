namespace LocalHessian.Scaling;

/// <summary>The scalars of Algorithm 2 for one block at one step.</summary>
/// <param name="Block">Name of the block.</param>
/// <param name="BackwardFactor">
/// m at the block's output, the product of the input scales of all blocks above it, eq. (23).
/// </param>
/// <param name="WeightScale">m_{b,W}, eq. (24); infinite for a weight of zero norm.</param>
/// <param name="InputScale">m_{b,z}, eq. (24).</param>
/// <param name="Multiplier">1/(m·m_{b,W}), by which the block's gradient is multiplied, eq. (22).</param>
/// <param name="Reached">
/// Whether the block took part in the step's walk. A block that the loss does not reach neither moves nor multiplies; its
/// other values are those it would have had.
/// </param>
public sealed record BlockScales(string Block, double BackwardFactor, double WeightScale, double InputScale, double Multiplier,
    bool Reached = true);
