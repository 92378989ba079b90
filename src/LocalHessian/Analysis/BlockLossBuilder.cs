using LocalHessian.Blocks;
using LocalHessian.Internal;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>Makes a block's loss of a segment of a network's pass.</summary>
internal static class BlockLossBuilder
{
    public static string Name(Segment segment) => string.IsNullOrEmpty(segment.Name) ? segment.Module?.GetName() ?? "input" : segment.Name;

    public static BlockGraph Graph(Segment segment)
    {
        var weights = Modules(segment).Select(m => WeightLayer.From("", m)).OfType<WeightLayer>().Select(l => (Tensor)l.Weight).DistinctBy(w => w.Handle);
        return new BlockGraph(segment.Input, weights.ToList(), segment.Output);
    }

    /// <summary>The loss takes the change over.</summary>
    public static BackMatchingLoss Make(Segment segment, Tensor change)
    {
        var graph = Graph(segment);
        return new BackMatchingLoss(Name(segment), graph, change, null, segment.Module, Form(segment, graph));
    }

    private static IEnumerable<nn.Module> Modules(Segment segment) =>
        segment.Module is { } module ? segment.Observed.Prepend(module) : segment.Observed;

    // Functions called between modules do not show among the modules that ran. So the closed form is used only where these
    // modules alone give the same output, bit for bit.
    private static LayerForm? Form(Segment segment, BlockGraph graph)
    {
        if (segment.Module is not { } layer || segment.Observed.Count > 1) return null;
        var norm = segment.Observed.Count == 1 ? segment.Observed[0] as BatchNorm : null;
        if (segment.Observed.Count == 1 && norm is null) return null;

        using var noGrad = no_grad();
        var form = LayerForm.Of(layer, norm, graph);
        if (form is null) return null;
        var alone = layer.forward(segment.Input.detach());
        if (norm is not null) alone = norm.forward(alone);
        if (alone.shape.SequenceEqual(segment.Output.shape) && alone.Equals(segment.Output.detach())) return form;
        form.Release();
        return null;
    }
}
