namespace LocalHessian.Blocks;

/// <summary>
/// Shows that each segment of a cut forward pass depends on its own input and on no other. Since the cut hands every block
/// a private leaf, whatever else reaches a segment's output has bypassed a block. The test is whether a path exists,
/// not how large a gradient is, so neither dead activations nor round-off can hide one.
/// </summary>
internal static class PathCheck
{
    /// <exception cref="NotAChainException">A value bypasses a block, or does not reach the next.</exception>
    public static void ThrowUnlessChain(SegmentedPass pass)
    {
        var segments = pass.Segments;
        var leaves = pass.Leaves(segments.Count);
        for (var i = 0; i < segments.Count; i++)
        {
            var output = segments[i].Output;
            // Behind an input of integers, or one that is not known, or where nothing reads the input, there is no path to show.
            if (i == 0 && !(output.requires_grad && leaves.Any(l => l.Segment == 0))) continue;

            var reached = Autograd.Reaches(output, [.. leaves.Select(l => l.Leaf)]);
            var sources = leaves.Where((_, k) => reached[k]).Select(l => l.Segment).ToList();
            if (sources.Any(s => s != i)) throw Bypass(segments, sources.First(s => s != i), i);
            if (!sources.Contains(i)) throw Detached(segments, i);
        }
    }

    private static NotAChainException Detached(IReadOnlyList<Segment> segments, int i) => new(
        $"The signal of '{segments[i].Name}' does not reach {Target(segments, i)}: its output is dropped or detached on the way "
        + "(detach, no_grad or inference_mode in the forward?). Remove the layer, or freeze what comes before it and examine "
        + "the rest.");

    // A layer's input is private to it, so what leaks from segment `source` is that layer's output, around the next layer.
    private static NotAChainException Bypass(IReadOnlyList<Segment> segments, int source, int target) => new(
        $"{(source == 0 ? "The network's input" : $"The output of '{segments[source].Name}'")} reaches "
        + $"{Target(segments, target)} without passing through '{segments[source + 1].Name}': a skip connection or branch.");

    private static string Target(IReadOnlyList<Segment> segments, int i) =>
        i + 1 < segments.Count ? $"'{segments[i + 1].Name}'" : "the network's output";
}
