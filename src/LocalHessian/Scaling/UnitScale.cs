using LocalHessian.Blocks;

namespace LocalHessian.Scaling;

/// <summary>g of <see cref="OverallScale.Unit"/>, the geometric mean of 2n_b/D_B (MATH §6).</summary>
internal static class UnitScale
{
    /// <summary>The number by which the paper's multipliers are divided: g, or one for another overall scale.</summary>
    /// <param name="blocks">The blocks of a chain; a head that is trained by plain SGD has no say.</param>
    /// <param name="options">Overall scale, and treatment of the head.</param>
    public static double Of(IReadOnlyList<Block> blocks, ScalingOptions options)
    {
        var scaled = options.Head == HeadRule.Plain ? blocks.SkipLast(1) : blocks;
        return options.Overall == OverallScale.Unit && blocks.Count > 0
            ? Of(scaled.Select(b => (double)b.Outputs), blocks[^1].OutputFeatures) : 1;
    }

    /// <summary>g from the numbers of rows n_b; one if there are none.</summary>
    /// <param name="rows">n_b of each weight.</param>
    /// <param name="outputs">D_B, outputs of the network a sample.</param>
    public static double Of(IEnumerable<double> rows, double outputs) =>
        Math.Exp(rows.Select(n => Math.Log(2 * n / outputs)).DefaultIfEmpty(0).Average());
}
