using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Internal;

/// <summary>
/// One forward pass of a network, cut at the inputs of chosen modules: each of them receives a detached copy of its input
/// that is a fresh leaf of the autograd graph. So the graph of a segment's output is exactly the block's map F_b, and
/// a value that bypasses a block shows as a second leaf within reach.
/// </summary>
internal sealed class SegmentedForward : IDisposable
{
    [ThreadStatic]
    private static int t_running;

    private readonly List<Segment> _segments = [];
    private IReadOnlyList<Segment>? _feed;

    /// <summary>Whether this thread is in such a pass, which is no training pass of the caller's.</summary>
    public static bool IsRunning => t_running > 0;

    /// <summary>What comes before the first cut, then one segment a call of a cut module, in execution order.</summary>
    public IReadOnlyList<Segment> Segments => _segments;

    /// <summary>Runs the network once, in the mode it is in, with gradients enabled. The hooks are gone afterwards, also after an error.</summary>
    /// <param name="network">The network.</param>
    /// <param name="input">Its input; it is not changed and receives no gradient.</param>
    /// <param name="cuts">Modules at whose inputs to cut; none may contain another.</param>
    /// <param name="observed">Modules of which only the position in the pass is wanted.</param>
    /// <param name="feed">Segments of an earlier pass of the same cuts, whose inputs each segment is to receive in place of this pass's.</param>
    public static SegmentedForward Run(
        nn.Module<Tensor, Tensor> network, Tensor input,
        IEnumerable<(string Name, nn.Module<Tensor, Tensor> Module)> cuts,
        IEnumerable<nn.Module<Tensor, Tensor>>? observed = null,
        IReadOnlyList<Segment>? feed = null)
    {
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        var pass = new SegmentedForward { _feed = feed };
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

            var leaf = Leaf(input);
            pass._segments.Add(new Segment("", null, leaf));
            // A copy, because a network may work on its input in place, which a leaf does not allow.
            var output = network.call(leaf.clone());
            pass.Close(output);
            foreach (var segment in pass._segments)
            {
                segment.Input.DetachFromDisposeScope();
                segment.Output.DetachFromDisposeScope();
            }

            return pass;
        }
        finally
        {
            t_running--;
            foreach (var remove in undo) remove();
        }
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
        {
            segment.Input.Dispose();
            segment.Output.Dispose();
        }
    }

    private Tensor Enter(string name, nn.Module<Tensor, Tensor> module, Tensor input)
    {
        Close(input);
        var leaf = Leaf(_feed is null ? input : _feed[_segments.Count].Input);
        _segments.Add(new Segment(name, module, leaf));
        return module is Linear or Convolution ? leaf : leaf.clone();
    }

    private Tensor Leave(Tensor output)
    {
        _segments[^1].ModuleOutputShape = output.shape;
        return null!; // keep the module's own output
    }

    private Tensor Observe(nn.Module module)
    {
        _segments[^1].Observed.Add(module);
        return null!; // keep the module's own input
    }

    // A copy again: what follows may change the tensor in place, and Sequential disposes it.
    private void Close(Tensor output) => _segments[^1].Output = output.requires_grad ? output.clone() : output.detach().clone();

    private static Tensor Leaf(Tensor value)
    {
        var leaf = value.detach().clone();
        return leaf.is_floating_point() ? leaf.requires_grad_() : leaf;
    }
}
