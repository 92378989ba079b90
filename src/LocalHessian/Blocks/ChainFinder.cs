namespace LocalHessian.Blocks;

/// <summary>
/// Reads blocks and shapes off one pass cut before and behind every weight layer, or says why the closed form does not hold.
/// </summary>
internal sealed class ChainFinder(NetworkCall call, ParameterNames names, List<NamedParameter> plain)
{
    private readonly List<WeightLayer> _layers = WeightLayer.In(call.Network);
    private readonly HashSet<IntPtr> _plain = plain.Select(p => p.Parameter.Handle).ToHashSet();

    /// <summary>What is wrong with the plain parameters; null if nothing.</summary>
    public string? PlainWeight => _layers.FirstOrDefault(l => _plain.Contains(l.Weight.Handle)) is { } weight
        ? $"'{weight.Name}' begins a block, so its weight cannot be left out of the chain; freeze it (requires_grad = "
            + "false) if it must not move."
        : null;

    /// <exception cref="NotAChainException">It does not hold; the message says why.</exception>
    public BlockChain Find()
    {
        if (_layers.Count == 0)
            throw new NotAChainException("The network has no linear layer and no convolution, so there is no block to scale.");
        if (PlainWeight is { } why) throw new NotAChainException(why);
        ThrowIfTied();
        if (call.Inputs.Count != 1)
            throw new NotAChainException("The network is not called with one tensor, as a chain of layers is.");

        // Whether samples mix shows with two of them; the shapes are given for as many as there are.
        var samples = call.Inputs[0].shape[0];
        using var scope = NewDisposeScope();
        using var pass = SegmentedPass.Run(
            samples > 1 ? call : call.Twice()!, _layers.Select(l => new NamedModule(l.Name, l.Module)),
            NormalizationLayer.In(call.Network), cutsLayers: true);
        var segments = pass.Segments.Skip(1).ToList();
        ThrowIfRepeatedOrMissing(segments);
        PathCheck.ThrowUnlessChain(pass);
        UnregisteredLayers.ThrowIfUsed(call.Network, pass);
        for (var i = 0; i < segments.Count; i++) TailCheck.ThrowUnlessElementwise(segments[i], isLast: i == segments.Count - 1);

        var blocks = segments.Select(s => ToBlock(s, _layers.Single(l => ReferenceEquals(l.Module, s.Module)), samples)).ToList();
        var chain = new BlockChain(blocks, plain);
        ThrowIfUncovered(chain);
        return chain;
    }

    private Block ToBlock(Segment segment, WeightLayer layer, long samples)
    {
        var run = segment.Input!.shape[0];
        long PerSample(IEnumerable<long> shape) => shape.Aggregate(1L, (a, b) => a * b) / run;
        long[] Shape(long[] shape) => [shape[0] * samples / run, .. shape[1..]];
        var outputs = PerSample(segment.Output.shape);
        if (outputs % layer.Outputs != 0)
            throw new NotAChainException(
                $"Block '{layer.Name}' has {layer.Outputs} outputs, but {outputs} features a sample leave it, which is no "
                + "multiple: something after the layer slices or concatenates features.");

        return new Block
        {
            Name = layer.Name,
            Kind = layer.Kind,
            Layer = layer.Module,
            Weight = layer.Weight,
            Auxiliary = Auxiliary(segment, layer),
            Normalised = segment.Observed.Count > 0,
            Outputs = layer.Outputs,
            Inputs = layer.Inputs,
            InputShape = Shape(segment.Input.shape),
            LayerOutputShape = Shape(segment.ModuleOutputShape),
            OutputShape = Shape(segment.Output.shape),
            InputFeatures = PerSample(segment.Input.shape),
            OutputFeatures = outputs,
            LayerOutputPositions = PerSample(segment.ModuleOutputShape) / layer.Outputs,
        };
    }

    private List<NamedParameter> Auxiliary(Segment segment, WeightLayer layer)
    {
        var handles = segment.Observed.SelectMany(m => m.parameters()).Append(layer.Bias!).Where(p => p is not null)
            .Select(p => p.Handle).ToHashSet();
        return names.All.Where(p => handles.Contains(p.Parameter.Handle) && !_plain.Contains(p.Parameter.Handle)).ToList();
    }

    private void ThrowIfTied()
    {
        if (_layers.GroupBy(l => l.Weight.Handle).FirstOrDefault(g => g.Count() > 1) is { } tied)
            throw new NotAChainException(
                $"The weight of {Describe.Names(tied.Select(l => l.Name))} is one tied parameter. Its local Hessian is a sum "
                + "over its uses, for which there is no closed form: give each layer its own weight.");
    }

    private void ThrowIfRepeatedOrMissing(List<Segment> segments)
    {
        if (segments.GroupBy(s => s.Module).FirstOrDefault(g => g.Count() > 1) is { } repeated)
            throw new NotAChainException(
                $"Module '{repeated.First().Name}' runs {repeated.Count()} times in one forward pass; closed-form scales "
                + "exist for layers that run once. Use separate layers.");

        var missing = _layers.Where(l => segments.All(s => !ReferenceEquals(s.Module, l.Module))).Select(l => l.Name).ToList();
        if (missing.Count > 0)
            throw new NotAChainException(
                $"The forward pass did not call {Describe.Names(missing)}. Invoke layers with call(x), which runs hooks, not "
                + "forward(x); and remove layers that the network does not use.");
    }

    private void ThrowIfUncovered(BlockChain chain)
    {
        var covered = chain.Parameters.Select(p => p.Parameter.Handle).ToHashSet();
        var uncovered = names.All.Where(p => p.Parameter.requires_grad && !covered.Contains(p.Parameter.Handle))
            .Select(p => p.Name).ToList();
        if (uncovered.Count > 0)
            throw new NotAChainException(
                $"No closed-form rule covers the trainable parameter {Describe.Names(uncovered)}. Name it (or its module) in "
                + "`plain` to train it by plain SGD, or freeze it (requires_grad = false).");
    }
}
