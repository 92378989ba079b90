using LocalHessian.Blocks;

namespace LocalHessian.Monitoring;

/// <summary>What was seen of a block before the step.</summary>
/// <param name="Index">Its segment.</param>
/// <param name="Target">z_b + Δ_b.</param>
/// <param name="Weights">Names of its weights.</param>
/// <param name="Reading">What is known already.</param>
internal sealed record ExaminedBlock(int Index, Tensor Target, IReadOnlyList<string> Weights, BlockReading Reading)
{
    /// <summary>The complete reading.</summary>
    /// <param name="before">z_b before the step.</param>
    /// <param name="after">z_b after it, from the same input.</param>
    /// <param name="multipliers">Those of the step by the name of block or weight; null of an optimizer that has none.</param>
    public BlockReading After(Tensor before, Tensor after, Dictionary<string, double>? multipliers) => Reading with
    {
        Multiplier = multipliers is null ? 1 : MultiplierOf(multipliers),
        LossRemoved = 1 - SquaredNorm(Target - after) / SquaredNorm(Target - before),
    };

    public static double SquaredNorm(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        return Squares.Of([tensor], tensor.device)[0].item<double>();
    }

    // The geometric mean over the block's weights.
    private double MultiplierOf(Dictionary<string, double> multipliers)
    {
        var found = Weights.Select(w =>
            multipliers.TryGetValue(w, out var a) || multipliers.TryGetValue(NetworkParts.ModuleOf(w), out a) ? a : double.NaN)
            .Where(a => a > 0).ToList();
        return found.Count == 0 ? double.NaN : Math.Exp(found.Average(Math.Log));
    }
}
