using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;

namespace LocalHessian.Monitoring;

/// <summary>One examination of the blocks: what can be seen before the step, then what the step did.</summary>
internal sealed class Examination : IDisposable
{
    private const string ShortenLabels =
        "The output is that of the batch's first samples only: shorten the labels to its first dimension, give them to Step "
        + "as its target, or set MonitorOptions.Samples to the size of the batch.";

    private readonly NetworkStructure _structure;
    private readonly NetworkCall _call;
    private readonly SegmentedPass _pass;
    private readonly List<ExaminedBlock> _examined = [];
    private NetworkSnapshot? _snapshot;

    public Examination(NetworkStructure structure, MonitorOptions options, long step, NetworkCall call, Func<Tensor, Tensor> loss)
    {
        (_structure, _call) = (structure, call);
        _snapshot = new NetworkSnapshot(structure.Network);
        using var held = new HeldStatistics(structure.Network);
        try
        {
            _pass = structure.Pass(call);
            ExamineBefore(options, step, TrainingLoss.Signal(_pass.Output, loss, ShortenLabels));
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
            ? amended.BlockScales.Where(s => s.Reached).ToDictionary(s => s.Block, s => s.Multiplier)
            : null;
        // The same inputs, and the same random masks, meet the new weights.
        Restore();
        using var snapshot = new NetworkSnapshot(_structure.Network);
        using var held = new HeldStatistics(_structure.Network);
        using var again = _structure.Pass(_call, feed: _pass.Segments);
        return _examined.AsEnumerable().Reverse()
            .Select(e => e.After(_pass.Segments[e.Index].Output, again.Segments[e.Index].Output, multipliers)).ToList();
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

    private void ExamineBefore(MonitorOptions options, long step, Tensor signal)
    {
        var closed = Closed();
        using var probe = new Probe(options.Seed, step);
        var m = 1.0;
        foreach (var (index, segment, change) in BackwardSegments.Of(_pass, signal))
        {
            if (index == 0 && !_structure.PrefixIsBlock) break;
            var weights = _structure.ParametersOf(index).Where(p => p.Parameter.requires_grad && p.Parameter.dim() > 1).ToList();
            var (weightScale, inputScale) = Measure(segment, weights, () => probe.Signs(segment.Output), options.Probes);
            var name = _structure.NameOf(index);
            var (closedScale, closedInput) = closed.GetValueOrDefault(name, (double.NaN, double.NaN));
            var (top, condition) = BlockSpectrum.Of(segment, options);
            using var ungraded = no_grad();
            var norm = Norm(weights.Select(w => (Tensor)w.Parameter));
            var gradientNorm = Norm(weights.Select(w => w.Parameter.grad).OfType<Tensor>());
            _examined.Add(new(index, segment.Output.detach() + change!, [.. weights.Select(w => w.Name)], new(
                step, name, closedScale, m * weightScale, closedInput, inputScale, 1, norm, gradientNorm, top, condition,
                double.NaN)));
            m *= inputScale;
        }
    }

    private static (double Weight, double Input) Measure(Segment segment, List<NamedParameter> weights, Func<Tensor> probe,
        int probes)
    {
        var wanted = weights.Select(w => (Tensor)w.Parameter).ToList();
        if (segment.HasDifferentiableInput) wanted.Add(segment.Input!);
        if (wanted.Count == 0) return (double.NaN, double.NaN);
        using var traces = BlockMeasurement.Traces(segment, wanted, probe, probes).cpu();
        var values = traces.data<double>().ToArray();
        // tr(H)/dim of several weights together.
        var weight = weights.Select((w, i) => values[i] * w.Parameter.numel()).Sum() / weights.Sum(w => w.Parameter.numel());
        return (weight, segment.HasDifferentiableInput ? values[^1] : double.NaN);
    }

    private Dictionary<string, (double Scale, double Input)> Closed()
    {
        if (_structure.Chain is not { } chain) return [];
        var squares = chain.Select(b => ExaminedBlock.SquaredNorm(b.Weight)).ToList();
        return BackwardWalk.Run(chain, squares, options: new ScalingOptions { Floor = 0, Overall = OverallScale.Paper })
            .ToDictionary(f => f.Block, f => (1 / f.Multiplier, f.InputScale));
    }

    private static double Norm(IEnumerable<Tensor> tensors) =>
        tensors.ToList() is { Count: > 0 } some ? Math.Sqrt(some.Sum(ExaminedBlock.SquaredNorm)) : double.NaN;
}
