using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Blocks;

/// <summary>
/// Shows that each segment of a cut forward pass depends on its own input and on no other. Since the cut hands every weight
/// layer a private leaf, whatever else reaches a segment's output has bypassed a layer. The test is whether a path exists,
/// not how large a gradient is, so neither dead activations nor round-off can hide one.
/// </summary>
internal static class ChainCheck
{
    public static void Run(IReadOnlyList<Segment> segments)
    {
        var leaves = segments.Where(s => s.Input.requires_grad).ToList();
        for (var i = 0; i < segments.Count; i++)
        {
            var segment = segments[i];
            if (i == 0 && !(segment.Input.requires_grad && segment.Output.requires_grad)) continue; // integer input, or none of it needs gradients

            using var scope = NewDisposeScope();
            var reached = segment.Output.requires_grad
                ? Autograd.Grad([segment.Output], leaves.Select(s => s.Input).ToList(), [ones_like(segment.Output)])
                : new Tensor?[leaves.Count];
            for (var k = 0; k < leaves.Count; k++)
            {
                var own = ReferenceEquals(leaves[k], segment);
                if (own && reached[k] is null) throw Detached(segment, segments, i);
                if (!own && reached[k] is not null) throw Bypass(segments, IndexOf(segments, leaves[k]), i);
            }
        }
    }

    private static NotAChainException Detached(Segment segment, IReadOnlyList<Segment> segments, int i) => new(
        $"The signal of '{segment.Name}' does not reach {Target(segments, i)}: its output is dropped or detached on the way. "
        + "Remove the layer, or freeze what comes before it and find the blocks of the rest.");

    // A layer's input is private to it, so what leaks from segment `source` is that layer's output, around the next layer.
    private static NotAChainException Bypass(IReadOnlyList<Segment> segments, int source, int target) => new(
        $"{(source == 0 ? "The network's input" : $"The output of '{segments[source].Name}'")} reaches {Target(segments, target)} "
        + $"without passing through '{segments[source + 1].Name}': a skip connection or branch. Closed-form scales hold for chains only; "
        + "use measured scales (ScalingOptions.Source = ScaleSource.Composite), or remove the branch.");

    private static string Target(IReadOnlyList<Segment> segments, int i) =>
        i + 1 < segments.Count ? $"'{segments[i + 1].Name}'" : "the network's output";

    private static int IndexOf(IReadOnlyList<Segment> segments, Segment segment) =>
        Enumerable.Range(0, segments.Count).First(i => ReferenceEquals(segments[i], segment));
}
