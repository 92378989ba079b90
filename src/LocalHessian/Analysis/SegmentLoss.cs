using LocalHessian.Blocks;

namespace LocalHessian;

/// <summary>Makes a block's loss of a segment of a network's pass, which it takes over.</summary>
internal static class SegmentLoss
{
    /// <summary>The back-matching loss.</summary>
    /// <param name="structure">Where the segment's block and weights are described.</param>
    /// <param name="index">The segment.</param>
    /// <param name="segment">The same.</param>
    /// <param name="change">Δ_b, taken over.</param>
    public static BackMatchingLoss BackMatching(NetworkStructure structure, int index, Segment segment, Tensor change)
    {
        var graph = Graph(structure, index, segment);
        return new(structure.NameOf(index), graph, change, null, segment.Module, Form(segment, graph));
    }

    /// <summary>The last block's: J.</summary>
    /// <param name="structure">As above.</param>
    /// <param name="index">As above.</param>
    /// <param name="segment">As above.</param>
    /// <param name="objective">J with its graph, taken over.</param>
    public static BackMatchingLoss Training(NetworkStructure structure, int index, Segment segment, Tensor objective) =>
        new(structure.NameOf(index), Graph(structure, index, segment), null, objective, segment.Module, null);

    // Weights that other blocks share are no block's own.
    private static BlockGraph Graph(NetworkStructure structure, int index, Segment segment) => new(
        segment.Input,
        structure.ParametersOf(index, alone: true).Where(p => p.Parameter.dim() > 1).Select(p => (Tensor)p.Parameter).ToList(),
        segment.Output);

    // Functions called between modules do not show among the modules that ran. So the closed form is used only where these
    // modules alone give the same output, up to round-off: two passes on CUDA may take algorithms that sum in another order.
    private static LayerForm? Form(Segment segment, BlockGraph graph)
    {
        if (segment.Module is not { } layer || segment.Observed.Count > 1) return null;
        var norm = segment.Observed.Count == 1 ? segment.Observed[0] as BatchNorm : null;
        if (segment.Observed.Count == 1 && norm is null) return null;

        using var noGrad = no_grad();
        var form = LayerForm.Of(layer, norm, graph);
        if (form is null) return null;
        var alone = layer.forward(segment.Input!.detach());
        if (norm is not null) alone = norm.forward(alone);
        if (alone.shape.SequenceEqual(segment.Output.shape) && Agree(alone, segment.Output.detach())) return form;
        form.Release();
        return null;
    }

    // A thousand roundings: Winograd's convolutions err by as much.
    private static bool Agree(Tensor a, Tensor b) =>
        ((a - b).abs().max() <= b.abs().max() * (1000 * Precision.Epsilon(b.dtype))).item<bool>();
}
