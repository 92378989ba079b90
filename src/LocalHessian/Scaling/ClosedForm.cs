using LocalHessian.Blocks;

namespace LocalHessian.Scaling;

/// <summary>
/// The closed-form scalars of a block, eq. (24) and C.1 with MATH §4. In them the weight enters through its squared
/// Frobenius norm alone, and <c>m_{b,z}</c> is a ratio of shapes whatever the weight.
/// </summary>
public static class ClosedForm
{
    /// <summary>s, the number of positions that share the weight.</summary>
    /// <param name="block">The block.</param>
    /// <param name="convention">Which output counts.</param>
    public static long Sharing(Block block, PositionConvention convention)
    {
        ArgumentNullException.ThrowIfNull(block);
        return convention == PositionConvention.BlockOutput ? block.OutputPositions : block.LayerOutputPositions;
    }

    /// <summary>c, input positions over output positions; below one for most transposed convolutions.</summary>
    /// <param name="block">The block.</param>
    /// <param name="convention">Which output counts.</param>
    public static double PositionRatio(Block block, PositionConvention convention)
    {
        ArgumentNullException.ThrowIfNull(block);
        var output = convention == PositionConvention.LayerOutput ? block.LayerOutputPositions : block.OutputPositions;
        return (double)block.InputPositions / output;
    }

    /// <summary>m_{b,z} = (n/m)/c — eq. (24) and C.1.</summary>
    /// <param name="block">The block.</param>
    /// <param name="convention">Which output <c>c</c> is read from.</param>
    public static double InputScale(Block block, PositionConvention convention = PositionConvention.BlockOutput)
    {
        ArgumentNullException.ThrowIfNull(block);
        return (double)block.Outputs / block.Inputs / PositionRatio(block, convention);
    }

    /// <summary>τ·n_b, below which ‖W_b‖²_F does not count; zero for a block that feeds a normalisation (MATH §6).</summary>
    /// <param name="block">The block.</param>
    /// <param name="floor">τ, see <see cref="ScalingOptions.Floor"/>.</param>
    public static double Floor(Block block, double floor)
    {
        ArgumentNullException.ThrowIfNull(block);
        return block.Normalised ? 0 : floor * block.Outputs;
    }

    /// <summary>m_{b,W} = s/‖W_row‖²_{2,μ} = s·n/‖W‖²_F — eq. (24) and C.1. Infinite for a weight of zero norm.</summary>
    /// <param name="block">The block.</param>
    /// <param name="squaredNorm">‖W‖²_F, not negative.</param>
    /// <param name="convention">Which output <c>s</c> is read from.</param>
    public static double WeightScale(Block block, double squaredNorm,
        PositionConvention convention = PositionConvention.BlockOutput)
    {
        ArgumentNullException.ThrowIfNull(block);
        return Sharing(block, convention) * (double)block.Outputs / squaredNorm;
    }
}
