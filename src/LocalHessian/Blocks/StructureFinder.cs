namespace LocalHessian.Blocks;

/// <summary>
/// Describes a network: as a chain of layers where it is one, else as a chain of the smallest blocks that nothing bypasses.
/// </summary>
internal sealed class StructureFinder(nn.Module network, NetworkCall? call, IReadOnlyList<string>? blocks,
    IReadOnlyList<string> plain)
{
    private readonly ParameterNames _names = new(network);

    public NetworkStructure Find()
    {
        var left = _names.Picked(plain);
        var measured = _names.All.Except(left).ToList();
        ParameterNames.ThrowUnlessMeasurable(measured);
        if (call is null)
        {
            const string Why = "Blocks are found by running the network: give an example input, or a NetworkCall where it "
                + "takes more than one tensor.";
            if (blocks is not null) throw new ArgumentException(Why, nameof(blocks));
            return new(network)
            {
                Parameters = measured, PlainParameters = left, About = Why,
                ChainError = new NotAChainException(Why)
            };
        }

        using var snapshot = new NetworkSnapshot(network).Evaluating();
        var named = blocks is null ? [] : BlockCandidates.Named(network, blocks);
        var (chain, error) = Chain(left);
        var cuts = chain is not null && blocks is null
            ? chain.Select(b => new NamedModule(b.Name, b.Layer)).ToList()
            : new CutFinder(call, named).Find();
        var (owners, first) = Divide(ref cuts, named);
        var (names, about) = Told(cuts, first, chain is not null);
        return new(network)
        {
            Parameters = measured, PlainParameters = left, Chain = chain, ChainError = error, Cuts = cuts, Owners = owners,
            PrefixIsBlock = first is not null, Blocks = names, About = about,
            SharedParameters = [.. _names.All.Where(p => owners[p.Parameter.Handle].Count > 1)],
        };
    }

    /// <summary>The chain alone.</summary>
    /// <exception cref="NotAChainException">The network is none.</exception>
    /// <exception cref="ArgumentException">A weight that begins a block is to be left plain.</exception>
    public BlockChain FindChain()
    {
        using var snapshot = new NetworkSnapshot(network).Evaluating();
        var finder = new ChainFinder(call!, _names, _names.Picked(plain));
        return finder.PlainWeight is { } why ? throw new ArgumentException(why, nameof(plain)) : finder.Find();
    }

    private (BlockChain?, Exception?) Chain(List<NamedParameter> left)
    {
        try { return (new ChainFinder(call!, _names, left).Find(), null); }
        catch (NotAChainException e) { return (null, e); }
    }

    /// <summary>Which parameters take part in which segment; cuts behind which there are none, as in a container, go.</summary>
    private (Dictionary<IntPtr, HashSet<int>> Owners, string? First) Divide(ref List<NamedModule> cuts, HashSet<nn.Module> named)
    {
        while (true)
        {
            var owners = Owners(cuts);
            var kept = cuts.Where((c, i) => named.Contains(c.Module)
                || _names.All.Any(p => p.Parameter.dim() > 1 && owners[p.Parameter.Handle].Contains(i + 1))).ToList();
            var all = kept.Count == cuts.Count;
            cuts = kept;
            if (!all) continue;
            var owned = _names.All.Where(p => p.Parameter.dim() > 1 && owners[p.Parameter.Handle].Contains(0))
                .Select(p => NetworkParts.ModuleOf(p.Name)).Distinct().ToList();
            return (owners, cuts.Count == 0 ? "(network)" : owned.Count == 0 ? null : owned is [{ Length: > 0 } only] ? only
                : "(input)");
        }
    }

    private Dictionary<IntPtr, HashSet<int>> Owners(List<NamedModule> cuts)
    {
        var parameters = _names.All.Where(p => p.Parameter.is_floating_point() && !p.Parameter.is_sparse)
            .Select(p => (Tensor)p.Parameter).ToList();
        using var differentiable = new RequiresGradScope(parameters);
        using var pass = SegmentedPass.Run(call!, cuts);
        PathCheck.ThrowUnlessChain(pass);
        UnregisteredLayers.ThrowIfUsed(network, pass);
        var owners = _names.All.ToDictionary(p => p.Parameter.Handle, _ => new HashSet<int>());
        for (var b = 0; b < pass.Segments.Count; b++)
        {
            var reached = Autograd.Reaches(pass.Segments[b].Output, parameters);
            for (var i = 0; i < reached.Length; i++)
                if (reached[i]) owners[parameters[i].Handle].Add(b);
        }

        return owners;
    }

    private static (List<string> Names, string About) Told(List<NamedModule> cuts, string? first, bool isChain)
    {
        List<string> names = [.. first is null ? [] : new[] { first }, .. cuts.Select(c => c.Name)];
        return (names, cuts.Count == 0
            ? "The network is one block: no module with weights begins at a place that every path from input to output passes."
            : isChain && first is null
                ? "The blocks are the network's linear and convolution layers, each with what follows it up to the next."
                : "The blocks are the smallest pieces that no value bypasses, each named after the module with which it begins.");
    }
}
