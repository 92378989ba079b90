using LocalHessian.Blocks;

namespace LocalHessian.Scaling;

/// <summary>Algorithm 2 of the paper without the update: the walk from the network's output to its input.</summary>
public static class BackwardWalk
{
    /// <summary>Scales of every block, in execution order.</summary>
    /// <remarks>
    /// m starts at 1, or at the constant of <see cref="OverallScale.Unit"/>; for b = B … 1 the multiplier is 1/(m·m_{b,W}),
    /// eq. (22), then m ← m·m_{b,z}, eq. (23). A block that is not reached does not multiply; ‖W_b‖²_F has a floor, see
    /// <see cref="ScalingOptions.Floor"/> (MATH §6).
    /// </remarks>
    /// <param name="blocks">The blocks in execution order.</param>
    /// <param name="squaredNorms">‖W_b‖²_F of each block.</param>
    /// <param name="reached">Whether the loss reaches each block; null if it reaches all.</param>
    /// <param name="options">Conventions; null for the defaults.</param>
    /// <exception cref="ArgumentException">The lists differ in length.</exception>
    public static IReadOnlyList<BlockScales> Run(
        IReadOnlyList<Block> blocks, IReadOnlyList<double> squaredNorms, IReadOnlyList<bool>? reached = null,
        ScalingOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(blocks);
        ArgumentNullException.ThrowIfNull(squaredNorms);
        if (squaredNorms.Count != blocks.Count || (reached is not null && reached.Count != blocks.Count))
            throw new ArgumentException($"{blocks.Count} blocks, but {squaredNorms.Count} norms and "
                + $"{reached?.Count ?? blocks.Count} flags.");

        options ??= new ScalingOptions();
        var scales = new BlockScales[blocks.Count];
        var m = UnitScale.Of(blocks, options);
        for (var b = blocks.Count - 1; b >= 0; b--)
        {
            var block = blocks[b];
            var plain = b == blocks.Count - 1 && options.Head == HeadRule.Plain;
            var weightScale = plain ? 1 : ClosedForm.WeightScale(block,
                Math.Max(squaredNorms[b], ClosedForm.Floor(block, options.Floor)), options.Positions);
            var inputScale = ClosedForm.InputScale(block, options.Positions);
            var takesPart = reached?[b] ?? true;
            scales[b] = new BlockScales(block.Name, m, weightScale, inputScale, plain ? 1 : 1 / m / weightScale,
                takesPart);
            if (takesPart) m *= inputScale;
        }

        return scales;
    }
}
