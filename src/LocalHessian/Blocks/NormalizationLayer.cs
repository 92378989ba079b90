namespace LocalHessian.Blocks;

/// <summary>Layers whose gain and shift belong to the block they run in.</summary>
internal static class NormalizationLayer
{
    /// <summary>All batch, instance, layer and group norms of a network.</summary>
    public static List<nn.Module<Tensor, Tensor>> In(nn.Module network) =>
        [.. network.modules().Distinct().Where(m => m is NormBase or LayerNorm or GroupNorm).Cast<nn.Module<Tensor, Tensor>>()];
}
