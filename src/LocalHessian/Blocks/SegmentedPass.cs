namespace LocalHessian.Blocks;

/// <summary>
/// One forward pass of a network, cut at the inputs of chosen modules: each of them receives a detached copy of its input
/// that is a fresh leaf of the autograd graph. So the graph of a segment's output is exactly the block's map F_b, and
/// a value that bypasses a block shows as a second leaf within reach.
/// </summary>
/// <remarks>
/// A forward may open dispose scopes of its own, work in place and dispose its intermediates: what is observed is copied and
/// taken out of whatever scope is open at that moment. It belongs to this object.
/// </remarks>
internal sealed class SegmentedPass : IDisposable
{
    [ThreadStatic]
    private static int t_running;

    private readonly List<Segment> _segments = [];
    private readonly Stack<Segment?> _open = [];
    private readonly IReadOnlyList<Segment>? _feed;
    private readonly bool _cutsLayers;

    private SegmentedPass(IReadOnlyList<Segment>? feed, bool cutsLayers) => (_feed, _cutsLayers) = (feed, cutsLayers);

    /// <summary>Whether this thread is in such a pass, which is no training pass of the caller's.</summary>
    public static bool IsRunning => t_running > 0;

    /// <summary>What comes before the first cut, then one segment a call of a cut module, in execution order.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>The network's inputs that are known, leaves where they are floating point.</summary>
    public IReadOnlyList<Tensor> NetworkInputs { get; private set; } = [];

    /// <summary>The network's output.</summary>
    public Tensor Output => _segments[^1].Output;

    /// <summary>The leaves of the first segments, those of the network's input and of layers that are cut off included.</summary>
    public List<(Tensor Leaf, int Segment)> Leaves(int segments) =>
    [
        .. NetworkInputs.Where(x => x.requires_grad).Select(x => (x, 0)),
        .. _segments.Take(segments).Skip(1)
        .SelectMany((s, i) => new[] { s.Input, s.LayerOutput }.OfType<Tensor>().Select(t => (t, i + 1))),
    ];

    /// <summary>
    /// Runs the network once, in the mode it is in, with gradients enabled. The hooks are gone afterwards, also after an
    /// error.
    /// </summary>
    /// <param name="call">The network and its inputs, which are not changed and receive no gradient.</param>
    /// <param name="cuts">Modules at whose inputs to cut, where these are floating point.</param>
    /// <param name="observed">Modules of which only the position in the pass is wanted.</param>
    /// <param name="feed">
    /// Segments of an earlier pass of the same cuts, whose inputs each segment is to receive in place of this pass's.
    /// </param>
    /// <param name="cutsLayers">Whether to cut behind each cut module too.</param>
    public static SegmentedPass Run(
        NetworkCall call, IEnumerable<NamedModule> cuts, IEnumerable<nn.Module<Tensor, Tensor>>? observed = null,
        IReadOnlyList<Segment>? feed = null, bool cutsLayers = false)
    {
        using var scope = NewDisposeScope();
        using var recording = new RecordingScope();
        var pass = new SegmentedPass(feed, cutsLayers);
        var undo = new List<Action>();
        t_running++;
        try
        {
            foreach (var (name, module) in cuts)
            {
                undo.Add(module.register_forward_pre_hook((m, x) => pass.Enter(name, m, x)).remove);
                undo.Add(module.register_forward_hook((_, _, y) => pass.Leave(y)).remove);
            }

            foreach (var module in observed ?? [])
                undo.Add(module.register_forward_pre_hook((m, _) => pass.Observe(m)).remove);

            pass.Run(call);
            return pass;
        }
        catch
        {
            pass.Dispose();
            throw;
        }
        finally
        {
            t_running--;
            foreach (var remove in undo) remove();
        }
    }

    public void Dispose()
    {
        foreach (var input in NetworkInputs) input.Dispose();
        foreach (var segment in _segments) segment.Dispose();
    }

    private void Run(NetworkCall call)
    {
        NetworkInputs = [.. call.Inputs.Select(Leaf)];
        _segments.Add(new Segment("", null, NetworkInputs.Count == 1 ? NetworkInputs[0] : null));
        // Copies, because a network may work on its input in place, which a leaf does not allow.
        Close(call.Run([.. NetworkInputs.Select(x => x.clone())]));
    }

    private Tensor Enter(string name, nn.Module<Tensor, Tensor> module, Tensor input)
    {
        if (!input.is_floating_point())
        {
            _open.Push(null);
            return null!;
        }

        Close(input);
        var segment = new Segment(name, module, Leaf(_feed is null ? input : _feed[_segments.Count].Input!));
        _segments.Add(segment);
        _open.Push(segment);
        return module is Linear or Convolution ? segment.Input! : segment.Input!.clone();
    }

    private Tensor Leave(Tensor output)
    {
        var segment = _open.Pop();
        if (segment is null || !ReferenceEquals(segment, _segments[^1])) return null!; // not cut, or other blocks began inside
        segment.ModuleOutputShape = output.shape;
        if (!_cutsLayers) return null!; // keep the module's own output
        segment.LayerOutput = Leaf(output);
        return segment.LayerOutput.clone();
    }

    private Tensor Observe(nn.Module module)
    {
        _segments[^1].Observed.Add(module);
        return null!; // keep the module's own input
    }

    // A copy again: what follows may change the tensor in place, and Sequential disposes it.
    private void Close(Tensor output) =>
        _segments[^1].Output = (output.requires_grad ? output.clone() : output.detach().clone()).DetachFromDisposeScope();

    private static Tensor Leaf(Tensor value)
    {
        var leaf = value.detach().clone().DetachFromDisposeScope();
        return leaf.is_floating_point() ? leaf.requires_grad_() : leaf;
    }
}
