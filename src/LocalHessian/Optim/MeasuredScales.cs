using LocalHessian.Blocks;
using LocalHessian.Internal;
using LocalHessian.Scaling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>Measures factors every k steps, smooths them, and hands the latest to each step.</summary>
internal sealed class MeasuredScales : IDisposable
{
    private readonly NetworkStructure _blocks;
    private readonly ScalingOptions _options;
    private readonly List<NamedParameter> _named;
    private readonly Dictionary<IntPtr, int> _index = [];
    private readonly HashSet<IntPtr> _plain;
    private readonly ParameterPlace[] _places;
    private readonly double[] _latest;
    private readonly double[] _smoothed;
    private readonly double[] _squares;
    private readonly double[] _factors;
    private long _refreshes;
    private int _steps;
    private double _outputs;
    private (Tensor Input, Tensor Output)? _pending;
    private IntPtr[] _order = [];
    private Tensor? _ordered;

    public MeasuredScales(NetworkStructure blocks, ScalingOptions options)
    {
        options.Measurement.Check();
        if (options.Source != ScaleSource.Composite && blocks.Blocks.Count == 0)
            throw new ArgumentException($"Scales measured block by block need a chain of blocks. {blocks.About}", nameof(options));
        if (options.Head == HeadRule.Plain && blocks.Chain is null)
            throw new ArgumentException("Which layer is the head is known of chains only: name it as plain instead.", nameof(options));

        (_blocks, _options) = (blocks, options);
        var head = options.Head == HeadRule.Plain ? blocks.Chain![^1].Weight.Handle : IntPtr.Zero;
        var weights = blocks.Chain?.Select(b => b.Weight.Handle).ToHashSet() ?? [];
        _named = blocks.Parameters
            .Where(p => p.Parameter.Handle != head && (options.Auxiliary == AuxiliaryRule.Scaled || p.Parameter.dim() > 1)).ToList();
        _plain = blocks.PlainParameters.Concat(blocks.Parameters.Except(_named)).Select(p => p.Parameter.Handle).ToHashSet();
        for (var i = 0; i < _named.Count; i++) _index[_named[i].Parameter.Handle] = i;
        _places = _named.Select(p => new ParameterPlace(
            p.Parameter.dim() > 1, weights.Contains(p.Parameter.Handle), p.Parameter.numel(), p.Parameter.dim() == 0 ? 1 : p.Parameter.shape[0])).ToArray();
        (_latest, _smoothed) = (Unknown(), Unknown());
        (_squares, _factors) = (Unknown(), Unknown());
    }

    /// <summary>Everything that the following steps depend on; setting it goes on where it was taken.</summary>
    public MeasuredState State
    {
        get => new(_refreshes, _steps, _outputs, _named.Select((p, i) => new MeasuredEntry(p.Name, _latest[i], _smoothed[i], _squares[i], _factors[i])).ToList());
        set
        {
            if (!value.Entries.Select(e => e.Parameter).SequenceEqual(_named.Select(p => p.Name)))
                throw new ArgumentException("The measured scales are of other parameters than those of this optimizer.", nameof(value));
            (_refreshes, _steps, _outputs) = (value.Refreshes, value.Steps, value.Outputs);
            for (var i = 0; i < value.Entries.Count; i++) (_, _latest[i], _smoothed[i], _squares[i], _factors[i]) = value.Entries[i];
            Forget();
            _ordered?.Dispose();
            _ordered = null;
        }
    }

    /// <summary>Whether the next forward pass is measured.</summary>
    public bool Due => _refreshes == 0 || _steps >= _options.Measurement.Interval;

    public bool Covers(Parameter parameter) => _index.ContainsKey(parameter.Handle) || _plain.Contains(parameter.Handle);

    /// <summary>What a forward pass of the network in training mode hands over; returns the output to go on with, or null for the same.</summary>
    public Tensor? Forwarded(Tensor input, Tensor output)
    {
        if (!Due || SegmentedPass.IsRunning || !_blocks.Network.training || !is_grad_enabled() || !output.requires_grad || output.numel() == 0) return null;
        if (_options.Source == ScaleSource.Composite)
        {
            Refresh(output);
            return null;
        }

        // Blocks are measured on a pass of their own, at the step: the signal is known after the loss, and running statistics
        // that are changed and put back now would spoil the caller's graph.
        Forget();
        output.retain_grad();
        _pending = (input.alias().DetachFromDisposeScope(), output.DetachFromDisposeScope());
        return output.alias();
    }

    /// <summary>Measures now.</summary>
    /// <param name="output">The network's output with its graph, which is kept.</param>
    /// <param name="input">Its input, for factors measured block by block.</param>
    /// <param name="signal">∂J/∂output, for Rayleigh quotients.</param>
    public void Refresh(Tensor output, Tensor? input = null, Tensor? signal = null)
    {
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        var parameters = _named.Select(p => p.Parameter).ToList();
        var settings = _options.Measurement;
        using var probe = new Probe(settings.Seed, _refreshes);
        var measures = _options.Source switch
        {
            ScaleSource.Composite => CompositeMeasurement.Of(output, parameters, probe, settings.Probes, _options.Head),
            ScaleSource.BlockTrace => BlockMeasurement.Trace(_blocks, Call(input!), parameters, probe, settings.Probes, _options.Head),
            _ => BlockMeasurement.Rayleigh(_blocks, Call(input!), parameters, signal!),
        };
        Take(measures, output, parameters);
    }

    /// <summary>One factor a parameter, a float64 vector on the parameters' device.</summary>
    /// <param name="parameters">Those that have a gradient.</param>
    public Tensor Of(IReadOnlyList<Parameter> parameters)
    {
        if (_pending is ({ } input, { } output))
        {
            if (output.grad is { } signal) Refresh(output, input, signal);
            Forget();
        }

        if (_refreshes == 0)
            throw new InvalidOperationException(
                "No factors have been measured: the network has not been called in training mode with gradients enabled. Invoke it with call(x), which "
                + "runs hooks, not forward(x); or call Refresh(output) between the forward and the backward pass.");
        var handles = parameters.Select(p => p.Handle).ToArray();
        if (_ordered is null || !handles.SequenceEqual(_order)) Order(parameters, handles);
        _steps++;
        return _ordered!.alias();
    }

    /// <summary>What has been measured; empty before the first refresh.</summary>
    public IReadOnlyList<MeasuredScale> Measured
    {
        get
        {
            if (_refreshes == 0) return [];
            var closed = Closed();
            return _named.Select((p, i) => new MeasuredScale(p.Name, _latest[i], _smoothed[i], closed.GetValueOrDefault(p.Parameter.Handle, double.NaN), _factors[i])).ToList();
        }
    }

    /// <summary>One entry a measured weight.</summary>
    public IReadOnlyList<BlockScales> BlockScales => _refreshes == 0 ? [] : Enumerable.Range(0, _named.Count).Where(i => _places[i].IsWeight)
        .Select(i => new BlockScales(BlockName(_named[i].Name), 1, 1 / _factors[i], 1, _factors[i], !double.IsNaN(_smoothed[i]))).ToList();

    public void Dispose()
    {
        Forget();
        _ordered?.Dispose();
        _ordered = null;
    }

    private NetworkCall Call(Tensor input) => NetworkCall.Of((nn.Module<Tensor, Tensor>)_blocks.Network, input);

    private static string BlockName(string parameter) => parameter.EndsWith(".weight", StringComparison.Ordinal) ? parameter[..^7] : parameter;

    private double[] Unknown() => Enumerable.Repeat(double.NaN, _named.Count).ToArray();

    private void Take(Measures measures, Tensor output, List<Parameter> parameters)
    {
        var squares = Array.Empty<double>();
        using (no_grad()) squares = Host(Squares.Of(parameters, output.device));
        FiniteChecks.RequireFinite(squares, i => $"'{_named[i].Name}'");
        squares.CopyTo(_squares, 0);
        var values = Host(measures.Values);
        var beta = _options.Measurement.Smoothing;
        for (var i = 0; i < values.Length; i++)
        {
            // A parameter out of reach this time keeps its value, and one overflowing batch does not spoil it.
            if (!measures.Reached[i] || !double.IsFinite(values[i])) continue;
            _latest[i] = values[i];
            _smoothed[i] = double.IsNaN(_smoothed[i]) ? values[i] : beta * _smoothed[i] + (1 - beta) * values[i];
        }

        _outputs = (double)output.numel() / output.shape[0];
        MeasuredRule.Factors(_smoothed, _places, _squares, _outputs, _options.Measurement).CopyTo(_factors, 0);
        _refreshes++;
        _steps = 0;
        _ordered?.Dispose();
        _ordered = null;
    }

    private void Order(IReadOnlyList<Parameter> parameters, IntPtr[] handles)
    {
        var factors = new double[handles.Length];
        for (var i = 0; i < handles.Length; i++)
        {
            if (!_index.TryGetValue(handles[i], out var at)) factors[i] = 1;
            else if (double.IsNaN(_smoothed[at]))
                throw new InvalidOperationException(
                    $"The loss reaches the parameter '{_named[at].Name}', but the measured output does not depend on it. Measure an output that does "
                    + "(Refresh), or name the parameter as plain (NetworkStructure.Find) to train it by plain SGD.");
            else factors[i] = _factors[at];
        }

        _ordered?.Dispose();
        _ordered = tensor(factors, ScalarType.Float64, parameters[0].device).DetachFromDisposeScope();
        _order = handles;
    }

    private Dictionary<IntPtr, double> Closed()
    {
        if (_blocks.Chain is not { } chain) return [];
        var squares = chain.Select(b => _index.TryGetValue(b.Weight.Handle, out var i) ? _squares[i] : 1).ToList();
        var result = new Dictionary<IntPtr, double>();
        foreach (var (block, factors) in chain.Zip(BackwardWalk.Run(chain, squares, null, _options)))
        {
            result[block.Weight.Handle] = 1 / factors.Multiplier;
            foreach (var p in block.Auxiliary) result[p.Parameter.Handle] = factors.BackwardFactor * ClosedForm.Sharing(block, _options.Positions);
        }

        return result;
    }

    private void Forget()
    {
        _pending?.Input.Dispose();
        _pending?.Output.Dispose();
        _pending = null;
    }

    private static double[] Host(Tensor values)
    {
        using var host = values.detach().cpu();
        return host.data<double>().ToArray();
    }
}
