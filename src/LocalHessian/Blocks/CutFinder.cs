namespace LocalHessian.Blocks;

/// <summary>
/// Finds the inputs that every path through a network passes. One pass is cut at every candidate, however nested; each value
/// that enters a cut depends on earlier cuts only, which gives a graph of cuts; those on all paths to the output are its
/// dominators.
/// </summary>
internal sealed class CutFinder(NetworkCall call, HashSet<nn.Module> named)
{
    /// <summary>The cuts, in execution order.</summary>
    /// <exception cref="NotAChainException">A named module runs twice or not at all, or a value bypasses it.</exception>
    public List<NamedModule> Find()
    {
        var candidates = BlockCandidates.In(call.Network, named);
        using var pass = SegmentedPass.Run(call, candidates);
        var runs = pass.Segments.Skip(1).GroupBy(s => s.Module!).ToDictionary(g => g.Key, g => g.Count());
        foreach (var (name, module) in candidates.Where(c => named.Contains(c.Module)))
            if (runs.GetValueOrDefault(module) is var count and not 1)
                throw new NotAChainException(
                    $"Block '{name}' runs {count} times in a forward pass, where one is needed (and through call(x), which "
                    + "runs hooks, not forward(x)). Name a larger module as the block, or name none.");

        var passed = Dominators(pass);
        var cuts = passed.Where(i => runs[pass.Segments[i].Module!] == 1)
            .Select(i => new NamedModule(pass.Segments[i].Name, pass.Segments[i].Module!)).ToList();
        if (candidates.FirstOrDefault(c => named.Contains(c.Module) && !cuts.Contains(c)) is { Module: not null } bypassed)
            throw new NotAChainException(
                $"A value reaches the network's output without passing through block '{bypassed.Name}': a skip connection or "
                + "branch. Name the module around it, or name none: then the smallest blocks that nothing bypasses are found.");
        return cuts;
    }

    /// <summary>Indices of the segments whose input is on every path from the network's input to its output, ascending.</summary>
    private static List<int> Dominators(SegmentedPass pass)
    {
        var segments = pass.Segments;
        var above = new HashSet<int>[segments.Count + 1];
        above[0] = [0];
        for (var i = 1; i <= segments.Count; i++)
        {
            var sources = Sources(segments[i - 1].Output, pass, i);
            above[i] = [.. sources.Select(j => above[j]).Aggregate((a, b) => [.. a.Intersect(b)]), i];
        }

        return [.. above[^1].Where(i => i > 0 && i < segments.Count).Order()];
    }

    /// <summary>The cuts on which a value depends; the network's input, 0, where it depends on none.</summary>
    private static List<int> Sources(Tensor value, SegmentedPass pass, int before)
    {
        var leaves = pass.Leaves(before);
        var reached = Autograd.Reaches(value, [.. leaves.Select(l => l.Leaf)]);
        var sources = leaves.Where((_, k) => reached[k]).Select(l => l.Segment).Distinct().ToList();
        return sources.Count == 0 ? [0] : sources;
    }
}
