using LocalHessian.Blocks;
using LocalHessian.Scaling;

namespace LocalHessian.Optim;

/// <summary>
/// 1/h, h the measured tr(H)/dim that stands for m·m_{b,W}, smoothed over refreshes and bounded by the closed form (MATH §7).
/// Measured every k steps (<see cref="ScaleMeasurement"/>), smoothed (<see cref="SmoothedScales"/>), and handed to each step.
/// </summary>
internal sealed class MeasuredRule : MultiplierRule
{
    private readonly NetworkStructure _network;
    private readonly ScalingOptions _options;
    private readonly ScaleMeasurement _measurement;
    private readonly SmoothedScales _scales;
    private readonly Dictionary<IntPtr, MeasuredParameter> _measured;
    private readonly HashSet<IntPtr> _plain;
    private RefreshHook? _hook;
    private long _refreshes;
    private int _steps;
    private IntPtr[] _order = [];
    private Tensor? _ordered;

    public MeasuredRule(NetworkStructure network, ScalingOptions options)
    {
        if (options.Source != ScaleSource.Composite && network.Blocks.Count == 0)
            throw new ArgumentException($"Scales measured block by block need a chain of blocks. {network.About}",
                nameof(options));
        if (options.Head == HeadRule.Plain && network.Chain is null)
            throw new ArgumentException("Which layer is the head is known of chains only: name it as plain instead.",
                nameof(options));

        (_network, _options) = (network, options);
        var head = options.Head == HeadRule.Plain ? network.Chain![^1].Weight.Handle : IntPtr.Zero;
        var blocks = network.Chain?.ToDictionary(b => b.Weight.Handle) ?? [];
        var named = network.Parameters
            .Where(p => p.Parameter.Handle != head && (options.Auxiliary == AuxiliaryRule.Scaled || p.Parameter.dim() > 1))
            .ToList();
        var measured = named.Select(p => new MeasuredParameter(p, blocks.GetValueOrDefault(p.Parameter.Handle), options.Floor))
            .ToList();
        _plain = network.PlainParameters.Concat(network.Parameters.Except(named)).Select(p => p.Parameter.Handle).ToHashSet();
        _measured = measured.ToDictionary(p => p.Parameter.Handle);
        _measurement = new(network, options, measured.Select(p => p.Parameter).ToList());
        _scales = new(measured, options);
    }

    public override IEnumerable<(string Name, string Value)> Settings => _options.Named();

    /// <summary>Whether the next forward pass is measured.</summary>
    public bool Due => _measurement.Waiting == 0 && (_refreshes == 0 || _steps >= _options.Measurement.Interval);

    /// <summary>What the last refresh that a step has taken in measured; empty before it.</summary>
    public IReadOnlyList<MeasuredScale> Measured
    {
        get
        {
            if (_refreshes == 0) return [];
            var closed = Closed();
            return _scales.Parameters.Select(p => new MeasuredScale(
                p.Name, p.Latest, p.Smoothed, closed.GetValueOrDefault(p.Parameter.Handle, double.NaN), p.Multiplier)).ToList();
        }
    }

    /// <summary>One entry a measured weight.</summary>
    public IReadOnlyList<BlockScales> BlockScales => _refreshes == 0 ? [] : _scales.Parameters.Where(p => p.IsWeight)
        .Select(p => new BlockScales(BlockName(p.Name), 1, 1 / p.Multiplier, 1, p.Multiplier, !double.IsNaN(p.Smoothed)))
        .ToList();

    /// <summary>Lets the network's forward passes be measured, until disposed.</summary>
    public void Attach()
    {
        if (_network.Network is nn.Module<Tensor, Tensor> network) _hook = new RefreshHook(network, this);
    }

    /// <summary>What a forward pass of the network hands over; returns the output to go on with, or null for the same.</summary>
    public Tensor? Forwarded(Tensor input, Tensor output) => Due ? _measurement.Forwarded(input, output, Draw(_refreshes)) : null;

    public void Refresh(Tensor output) => _measurement.Measure(output, Draw(_refreshes + _measurement.Waiting));

    public override string? WhyRefused(Parameter parameter, string name) =>
        _measured.ContainsKey(parameter.Handle) || _plain.Contains(parameter.Handle)
            ? null
            : $"The parameter {name} belongs to no block of the network; is it of another network, or of this one before "
                + "it was moved?";

    public override Tensor Multipliers(IReadOnlyList<ParameterUpdate> updates)
    {
        CollectMeasurements(updates[0].Parameter.device);
        if (_refreshes == 0)
            throw new InvalidOperationException(
                "No scales have been measured: the network has not been called in training mode with gradients enabled. "
                + "Invoke it with call(x), which runs hooks, not forward(x); or call Refresh(output) between the forward and "
                + "the backward pass.");
        var handles = updates.Select(u => u.Parameter.Handle).ToArray();
        if (_ordered is null || !handles.SequenceEqual(_order)) Order(handles, updates[0].Parameter.device);
        _steps++;
        return _ordered!.alias();
    }

    public override void Save(BinaryWriter writer)
    {
        writer.Write(_refreshes);
        writer.Write(_steps);
        _scales.Save(writer);
    }

    public override Action Load(BinaryReader reader)
    {
        var (refreshes, steps, scales) = (reader.ReadInt64(), reader.ReadInt32(), _scales.Load(reader));
        return () =>
        {
            (_refreshes, _steps) = (refreshes, steps);
            scales();
            _measurement.Forget();
            ForgetOrder();
        };
    }

    protected override void Dispose(bool disposing)
    {
        _hook?.Dispose();
        _measurement.Dispose();
        ForgetOrder();
        base.Dispose(disposing);
    }

    private static string BlockName(string parameter) =>
        parameter.EndsWith(".weight", StringComparison.Ordinal) ? parameter[..^7] : parameter;

    // At the step and never in the forward hook: ranks that average what they measured come here together.
    private void CollectMeasurements(Device device)
    {
        IEnumerable<ScaleMeasurement.Reading> taken = _measurement.Collect(Draw(_refreshes));
        if (Ranks is not null) taken = RankMeasurements.Average(Ranks, RankSamples, [.. taken], _scales.Parameters.Count, device);
        foreach (var measurement in taken)
        {
            using var values = measurement.Values;
            _scales.Add(measurement);
            _refreshes++;
            _steps = 0;
            ForgetOrder();
        }
    }

    /// <summary>Which random vectors a refresh draws: on every rank others, and without ranks those of its number.</summary>
    private long Draw(long refresh) => Ranks is null ? refresh : refresh * Ranks.Size + Ranks.Rank;

    private void Order(IntPtr[] handles, Device device)
    {
        var multipliers = new double[handles.Length];
        for (var i = 0; i < handles.Length; i++)
        {
            if (!_measured.TryGetValue(handles[i], out var p)) multipliers[i] = 1;
            else if (double.IsNaN(p.Smoothed))
                throw new InvalidOperationException(
                    $"The loss reaches the parameter '{p.Name}', but the measured output does not depend on it. Measure an "
                    + "output that does (Refresh), or name the parameter as plain (NetworkStructure.Find) to train it by "
                    + "plain SGD.");
            else multipliers[i] = p.Multiplier;
        }

        ForgetOrder();
        _ordered = tensor(multipliers, ScalarType.Float64, device).DetachFromDisposeScope();
        _order = handles;
    }

    private void ForgetOrder()
    {
        _ordered?.Dispose();
        _ordered = null;
    }

    private Dictionary<IntPtr, double> Closed()
    {
        if (_network.Chain is not { } chain) return [];
        var squares = chain.Select(b => _measured.TryGetValue(b.Weight.Handle, out var p) ? p.Square : 1).ToList();
        var result = new Dictionary<IntPtr, double>();
        var paper = _options with { Overall = OverallScale.Paper };
        foreach (var (block, scales) in chain.Zip(BackwardWalk.Run(chain, squares, null, paper)))
        {
            result[block.Weight.Handle] = 1 / scales.Multiplier;
            foreach (var p in block.Auxiliary)
                result[p.Parameter.Handle] = scales.BackwardFactor * ClosedForm.Sharing(block, _options.Positions);
        }

        return result;
    }
}
