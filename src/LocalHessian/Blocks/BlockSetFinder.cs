using LocalHessian.Internal;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Blocks;

/// <summary>Chooses a network's composite blocks and shows that they form a chain.</summary>
internal sealed class BlockSetFinder
{
    private readonly nn.Module _network;
    private readonly Tensor? _example;
    private readonly IReadOnlyList<string>? _blocks;
    private readonly IReadOnlyList<string> _plain;
    private readonly List<NamedParameter> _named;

    public BlockSetFinder(nn.Module network, Tensor? example, IReadOnlyList<string>? blocks, IReadOnlyList<string> plain)
    {
        ArgumentNullException.ThrowIfNull(network);
        (_network, _example, _blocks, _plain) = (network, example, blocks, plain);
        _named = network.named_parameters().DistinctBy(p => p.parameter.Handle).Select(p => new NamedParameter(p.name, p.parameter)).ToList();
        if (_named.Count == 0) throw new ArgumentException("The network has no parameters.", nameof(network));
    }

    public BlockSet Find()
    {
        var plain = _named.Where(p => _plain.Any(n => IsOrIsIn(p.Name, n))).ToList();
        foreach (var name in _plain)
            if (!_named.Any(p => IsOrIsIn(p.Name, name)))
                throw new ArgumentException($"The network has no parameter or module with parameters named '{name}'.", nameof(plain));
        var measured = _named.Except(plain).ToList();
        RefuseUnmeasurable(measured);

        var set = new BlockSet(_network) { Parameters = measured, PlainParameters = plain };
        if (_network is nn.Module<Tensor, Tensor> network && _example is not null)
        {
            set.Chain = ChainOf(network);
            if (_blocks is not null) FindBlocks(set);
            else
            {
                try { FindBlocks(set); }
                catch (NotAChainException e) { (set.Cuts, set.WhyNoBlocks) = ([], e.Message); }
            }
        }
        else
        {
            set.WhyNoBlocks = "Blocks are found with an example input, in a network that maps one tensor to one tensor.";
            if (_blocks is not null) throw new ArgumentException(set.WhyNoBlocks, nameof(_blocks));
        }

        return set;
    }

    private BlockChain? ChainOf(nn.Module<Tensor, Tensor> network)
    {
        try { return BlockChain.Find(network, _example!, _plain); }
        catch (NotAChainException) { return null; }
        catch (ArgumentException) { return null; } // a weight that is to be left plain
    }

    private static bool IsOrIsIn(string parameter, string name) =>
        parameter == name || parameter.StartsWith(name + ".", StringComparison.Ordinal);

    private static void RefuseUnmeasurable(IEnumerable<NamedParameter> parameters)
    {
        var refused = parameters.Where(p => p.Parameter.requires_grad && (!p.Parameter.is_floating_point() || p.Parameter.is_sparse)).Select(p => p.Name).ToList();
        if (refused.Count > 0)
            throw new ArgumentException(
                $"The trainable parameter {BlockFinder.Quoted(refused)} is not a dense real floating-point tensor, for which alone factors can be measured. "
                + "Freeze it (requires_grad = false), or optimise it by itself.");
    }

    private void FindBlocks(BlockSet set)
    {
        var named = Named();
        var cuts = new List<(string Name, nn.Module<Tensor, Tensor> Module)>();
        // In a chain the weight layers themselves are the blocks for which the closed form holds.
        if (_blocks is null && set.Chain is { } chain) cuts.AddRange(chain.Select(b => (b.Name, b.Layer)));
        else Collect(_network, "", named, cuts);

        using var snapshot = new NetworkSnapshot(_network).Evaluating();
        using var pass = SegmentedForward.Run(set.TensorNetwork, _example!, cuts);
        RefuseRepeatedAndMissing(pass, cuts);
        ChainCheck.Run(pass.Segments);
        set.Cuts = [.. pass.Segments.Skip(1).Select(s => (s.Name, s.Module!))];
        Assign(set, pass);
    }

    private HashSet<nn.Module> Named()
    {
        var named = new HashSet<nn.Module>();
        foreach (var text in _blocks ?? [])
        {
            var matches = _network.named_modules().Where(m => m.name == text || m.module.GetType().Name == text).Select(m => m.module).ToList();
            if (matches.Count == 0) throw new ArgumentException($"The network has no module and no type of module named '{text}'.", "blocks");
            foreach (var module in matches)
            {
                if (module is not nn.Module<Tensor, Tensor>)
                    throw new ArgumentException($"'{text}' does not map one tensor to one tensor, so it cannot be a block by itself: name the module around it.", "blocks");
                named.Add(module);
            }
        }

        foreach (var module in named)
            if (module.modules().Any(inner => inner != module && named.Contains(inner)))
                throw new ArgumentException($"A block of type {module.GetType().Name} contains another: blocks cannot be nested.", "blocks");
        return named;
    }

    private static void Collect(nn.Module parent, string prefix, HashSet<nn.Module> named, List<(string, nn.Module<Tensor, Tensor>)> cuts)
    {
        foreach (var (name, child) in parent.named_children())
        {
            var path = prefix.Length == 0 ? name : $"{prefix}.{name}";
            if (named.Contains(child)) cuts.Add((path, (nn.Module<Tensor, Tensor>)child));
            else if (child is Sequential || IsModuleList(child) || child.modules().Any(named.Contains)) Collect(child, path, named, cuts);
            else if (child is nn.Module<Tensor, Tensor> block and not (NormBase or LayerNorm or GroupNorm) && child.parameters().Any()) cuts.Add((path, block));
        }
    }

    private static bool IsModuleList(nn.Module module) =>
        module.GetType() is { IsGenericType: true } type && type.GetGenericTypeDefinition() == typeof(ModuleList<>);

    private static void RefuseRepeatedAndMissing(SegmentedForward pass, List<(string Name, nn.Module<Tensor, Tensor> Module)> cuts)
    {
        var runs = pass.Segments.Skip(1).GroupBy(s => s.Name).ToDictionary(g => g.Key, g => g.Count());
        foreach (var (name, _) in cuts)
        {
            var count = runs.GetValueOrDefault(name);
            if (count != 1)
                throw new NotAChainException(
                    $"Block '{name}' runs {count} times in a forward pass, where one is needed (and through call(x), which runs hooks, not forward(x)). "
                    + "Name a larger module as the block, or use composite scales.");
        }
    }

    private static void Assign(BlockSet set, SegmentedForward pass)
    {
        foreach (var p in set.Parameters) set.Owners[p.Parameter.Handle] = [];
        var trainable = set.Parameters.Where(p => p.Parameter.requires_grad).ToList();
        for (var b = 0; b < pass.Segments.Count && trainable.Count > 0; b++)
        {
            var output = pass.Segments[b].Output;
            if (!output.requires_grad) continue;
            using var scope = NewDisposeScope();
            var reached = Autograd.Grad([output], trainable.Select(p => (Tensor)p.Parameter).ToList(), [ones_like(output)]);
            for (var i = 0; i < reached.Length; i++)
                if (reached[i] is not null) set.Owners[trainable[i].Parameter.Handle].Add(b);
        }
    }
}
