using LocalHessian.Internal;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Blocks;

/// <summary>Reads blocks and shapes off one cut forward pass, or says why the network is not a chain.</summary>
internal sealed class BlockFinder
{
    private readonly nn.Module<Tensor, Tensor> _network;
    private readonly Tensor _example;
    private readonly List<WeightLayer> _layers;
    private readonly List<NamedParameter> _named;
    private readonly HashSet<IntPtr> _plain;

    public BlockFinder(nn.Module<Tensor, Tensor> network, Tensor exampleInput, IReadOnlyList<string> plain)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(exampleInput);
        ArgumentNullException.ThrowIfNull(plain);
        if (exampleInput.dim() < 2 || exampleInput.numel() == 0)
            throw new ArgumentException(
                $"The example input has shape [{string.Join(", ", exampleInput.shape)}]; a batch with at least one sample is needed, batch dimension first.",
                nameof(exampleInput));

        _network = network;
        _example = exampleInput;
        _layers = WeightLayer.In(network);
        _named = network.named_parameters().Select(p => new NamedParameter(p.name, p.parameter)).ToList();
        _plain = PlainHandles(plain);
        if (_layers.Count == 0) throw new NotAChainException("The network has no linear layer and no convolution, so there is no block to scale.");
        RefuseTiedWeights();
    }

    public BlockChain Find()
    {
        using var snapshot = new NetworkSnapshot(_network).Evaluating();
        using var pass = SegmentedForward.Run(
            _network, _example, _layers.Select(l => (l.Name, l.Module)), NormalizationLayer.In(_network));

        var segments = pass.Segments.Skip(1).ToList();
        RefuseRepeatedAndMissing(segments);
        ChainCheck.Run(pass.Segments);

        var blocks = segments.Select(s => ToBlock(s, _layers.Single(l => ReferenceEquals(l.Module, s.Module)))).ToList();
        var plain = _named.Where(p => _plain.Contains(p.Parameter.Handle)).ToList();
        var chain = new BlockChain(blocks, plain);
        RefuseUncovered(chain);
        return chain;
    }

    private Block ToBlock(Segment segment, WeightLayer layer)
    {
        var samples = _example.shape[0];
        long PerSample(IEnumerable<long> shape) => shape.Aggregate(1L, (a, b) => a * b) / samples;
        var outputs = PerSample(segment.Output.shape);
        if (outputs % layer.Outputs != 0)
            throw new NotAChainException(
                $"Block '{layer.Name}' has {layer.Outputs} outputs, but {outputs} features a sample leave it, which is no multiple: "
                + "something after the layer slices or concatenates features. Use measured scales for such a network.");

        return new Block
        {
            Name = layer.Name,
            Kind = layer.Kind,
            Layer = layer.Module,
            Weight = layer.Weight,
            Auxiliary = Auxiliary(segment, layer),
            Outputs = layer.Outputs,
            Inputs = layer.Inputs,
            InputShape = segment.Input.shape,
            LayerOutputShape = segment.ModuleOutputShape,
            OutputShape = segment.Output.shape,
            InputFeatures = PerSample(segment.Input.shape),
            OutputFeatures = outputs,
            LayerOutputPositions = PerSample(segment.ModuleOutputShape) / layer.Outputs,
        };
    }

    private List<NamedParameter> Auxiliary(Segment segment, WeightLayer layer)
    {
        var handles = segment.Observed.SelectMany(m => m.parameters()).Append(layer.Bias).OfType<Parameter>().Select(p => p.Handle).ToHashSet();
        return _named.Where(p => handles.Contains(p.Parameter.Handle) && !_plain.Contains(p.Parameter.Handle)).ToList();
    }

    private HashSet<IntPtr> PlainHandles(IReadOnlyList<string> plain)
    {
        var handles = new HashSet<IntPtr>();
        foreach (var name in plain)
        {
            var matches = _named.Where(p => p.Name == name || p.Name.StartsWith(name + ".", StringComparison.Ordinal)).ToList();
            if (matches.Count == 0) throw new ArgumentException($"The network has no parameter or module with parameters named '{name}'.", nameof(plain));
            handles.UnionWith(matches.Select(p => p.Parameter.Handle));
        }

        if (_layers.FirstOrDefault(l => handles.Contains(l.Weight.Handle)) is { } weight)
            throw new ArgumentException(
                $"'{weight.Name}' begins a block, so its weight cannot be left out of the chain; freeze it (requires_grad = false) if it must not move.",
                nameof(plain));
        return handles;
    }

    private void RefuseTiedWeights()
    {
        var tied = _layers.GroupBy(l => l.Weight.Handle).FirstOrDefault(g => g.Count() > 1);
        if (tied is not null)
            throw new NotAChainException(
                $"The weight of {Quoted(tied.Select(l => l.Name))} is one tied parameter. Its local Hessian is a sum over its uses, for which "
                + "there is no closed form: give each layer its own weight, or use measured scales (ScalingOptions.Source = ScaleSource.Composite).");
    }

    private void RefuseRepeatedAndMissing(List<Segment> segments)
    {
        var repeated = segments.GroupBy(s => s.Module).FirstOrDefault(g => g.Count() > 1);
        if (repeated is not null)
            throw new NotAChainException(
                $"Module '{repeated.First().Name}' runs {repeated.Count()} times in one forward pass; closed-form scales exist for layers that run once. "
                + "Use separate layers, or measured scales.");

        var missing = _layers.Where(l => segments.All(s => !ReferenceEquals(s.Module, l.Module))).Select(l => l.Name).ToList();
        if (missing.Count > 0)
            throw new NotAChainException(
                $"The forward pass did not call {Quoted(missing)}. Invoke layers with call(x), which runs hooks, not forward(x); "
                + "and remove layers that the network does not use.");
    }

    private void RefuseUncovered(BlockChain chain)
    {
        var covered = chain.Parameters.Select(p => p.Parameter.Handle).ToHashSet();
        var uncovered = _named.Where(p => p.Parameter.requires_grad && !covered.Contains(p.Parameter.Handle)).Select(p => p.Name).ToList();
        if (uncovered.Count > 0)
            throw new NotAChainException(
                $"No closed-form rule covers the trainable parameter {Quoted(uncovered)}. Name it (or its module) in `plain` to train it by plain SGD, "
                + "freeze it (requires_grad = false), or use measured scales (ScalingOptions.Source = ScaleSource.Composite).");
    }

    internal static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(n => $"'{n}'"));
}
