using LocalHessian.Blocks;
using LocalHessian.Internal;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Spectra;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Monitoring;

/// <summary>One look at the blocks: what can be seen before the step, then what the step did.</summary>
internal sealed class Look : IDisposable
{
    private readonly BlockSet _blocks;
    private readonly Tensor _input;
    private NetworkSnapshot? _snapshot;
    private readonly SegmentedForward _pass;
    private readonly List<Watched> _watched = [];

    public Look(BlockSet blocks, MonitorOptions options, long step, Tensor input, Func<Tensor, Tensor> loss)
    {
        (_blocks, _input) = (blocks, input);
        _snapshot = new NetworkSnapshot(blocks.Network);
        try
        {
            _pass = SegmentedForward.Run(blocks.TensorNetwork, input, blocks.Cuts);
            Before(options, step, loss);
        }
        catch
        {
            _pass?.Dispose();
            _snapshot.Dispose();
            throw;
        }
    }

    /// <summary>The readings, after the optimizer's step.</summary>
    public IReadOnlyList<BlockReading> After(optim.Optimizer optimizer)
    {
        var multipliers = optimizer is ScaleAmendedSGD amended
            ? amended.BlockScales.Where(f => f.Reached).ToDictionary(f => f.Block, f => f.Multiplier)
            : null;
        // The same inputs, and the same random masks, meet the new weights.
        Restore();
        using var snapshot = new NetworkSnapshot(_blocks.Network);
        using var again = SegmentedForward.Run(_blocks.TensorNetwork, _input, _blocks.Cuts, feed: _pass.Segments);
        return _watched.AsEnumerable().Reverse().Select(w => w.Reading with
        {
            Multiplier = multipliers is null ? 1 : w.Multiplier(multipliers),
            LossRemoved = 1 - Number(w.Target - again.Segments[w.Index].Output) / Number(w.Target - _pass.Segments[w.Index].Output),
        }).ToList();
    }

    public void Dispose()
    {
        Restore();
        _pass.Dispose();
    }

    private void Restore()
    {
        _snapshot?.Dispose();
        _snapshot = null;
    }

    private void Before(MonitorOptions options, long step, Func<Tensor, Tensor> loss)
    {
        var closed = Closed();
        using var probe = new Probe(options.Seed, step);
        var last = _pass.Segments[^1].Output;
        var change = SignalAt(last, loss);
        var m = 1.0;
        for (var b = _pass.Segments.Count - 1; b >= 0; b--)
        {
            var segment = _pass.Segments[b];
            var owned = _blocks.Parameters
                .Where(p => p.Parameter.requires_grad && _blocks.Owners.TryGetValue(p.Parameter.Handle, out var at) && at.Contains(b)).ToList();
            if (!segment.Output.requires_grad || (b == 0 && owned.Count == 0)) break;

            var weights = owned.Where(p => p.Parameter.dim() > 1).ToList();
            var leaves = weights.Select(p => (Tensor)p.Parameter).ToList();
            var (weightScale, inputScale) = Measure(segment, leaves, probe, options.Probes);
            var name = segment.Name.Length == 0 ? "(input)" : segment.Name;
            var (closedScale, closedInput) = closed.GetValueOrDefault(name, (double.NaN, double.NaN));
            var (top, condition) = Spectrum(segment, options);
            using (no_grad())
                _watched.Add(new Watched(b, segment.Output.detach() + change, weights.Select(w => w.Name).ToList(), new BlockReading(
                    step, name, closedScale, m * weightScale, closedInput, inputScale, 1,
                    Norm(leaves), Norm(weights.Select(w => w.Parameter.grad).OfType<Tensor>().ToList()), top, condition, double.NaN)));

            if (!segment.Input.requires_grad) break;
            m *= inputScale;
            change = Autograd.Grad([segment.Output], [segment.Input], [change])[0]!;
            if (b > 0) change = change.reshape(_pass.Segments[b - 1].Output.shape);
        }
    }

    // Δ = −∂J/∂z at the output.
    private static Tensor SignalAt(Tensor output, Func<Tensor, Tensor> loss)
    {
        using var graded = enable_grad();
        var leaf = output.detach().clone().requires_grad_();
        var value = loss(leaf);
        if (value.numel() != 1) throw new ArgumentException($"The loss has shape [{string.Join(", ", value.shape)}]; a scalar is needed.", nameof(loss));
        return -(Autograd.Grad([value], [leaf])[0] ?? zeros_like(leaf));
    }

    private (double Weight, double Input) Measure(Segment segment, List<Tensor> weights, Probe probe, int probes)
    {
        var wanted = segment.Input.requires_grad ? weights.Append(segment.Input).ToList() : weights;
        if (wanted.Count == 0) return (double.NaN, double.NaN);
        var sums = new double[wanted.Count];
        for (var k = 0; k < probes; k++)
        {
            using var squares = Squares.Of(Autograd.Grad([segment.Output], wanted, [probe.Signs(segment.Output)]), _input.device).cpu();
            var values = squares.data<double>().ToArray();
            for (var i = 0; i < sums.Length; i++) sums[i] += values[i] / probes;
        }

        var weight = weights.Count == 0 ? double.NaN : sums.Take(weights.Count).Sum() / weights.Sum(w => w.numel()) / _input.shape[0];
        return (weight, segment.Input.requires_grad ? sums[^1] / segment.Input.numel() : double.NaN);
    }

    private static (double Top, double Condition) Spectrum(Segment segment, MonitorOptions options)
    {
        if (options.SpectrumSteps == 0 || !segment.Input.requires_grad) return (double.NaN, double.NaN);
        var graph = new BlockGraph(segment.Input, [], segment.Output); // not disposed: the tensors are the pass's
        using var op = new GaussNewtonOperator(graph, new LeafVector([segment.Input]), 1, () => true);
        // Both ends without the rank, which would cost as much again for each probe.
        var (largest, smallest, _) = NonZeroSpectrum.Extremes(op, options.SpectrumSteps, null, options.Seed, Progress.None);
        return (largest, largest / smallest);
    }

    private Dictionary<string, (double Factor, double Input)> Closed()
    {
        if (_blocks.Chain is not { } chain) return [];
        var squares = chain.Select(b => Number(b.Weight)).ToList();
        return BackwardWalk.Run(chain, squares).ToDictionary(f => f.Block, f => (1 / f.Multiplier, f.InputScale));
    }

    private static double Norm(List<Tensor> tensors) => tensors.Count == 0 ? double.NaN : Math.Sqrt(tensors.Sum(Number));

    private static double Number(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        return Squares.Of([tensor], tensor.device)[0].item<double>();
    }

    private sealed record Watched(int Index, Tensor Target, IReadOnlyList<string> Weights, BlockReading Reading)
    {
        public double Multiplier(Dictionary<string, double> multipliers)
        {
            var found = Weights.Select(w => multipliers.TryGetValue(w, out var s) || multipliers.TryGetValue(BlockName(w), out s) ? s : double.NaN).Where(s => s > 0).ToList();
            return found.Count == 0 ? double.NaN : Math.Exp(found.Average(Math.Log));
        }

        private static string BlockName(string weight) => weight.EndsWith(".weight", StringComparison.Ordinal) ? weight[..^7] : weight;
    }
}
