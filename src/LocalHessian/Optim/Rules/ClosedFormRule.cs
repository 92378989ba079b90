using LocalHessian.Blocks;
using LocalHessian.Scaling;

namespace LocalHessian.Optim;

/// <summary>
/// 1/(m·m_{b,W}), eq. (22) to (24): a constant of the shapes times ‖W_b‖²_F for a weight, a constant for the others (MATH
/// §6). Computed on the device and without waiting for it; the constants change only with the set of blocks that the loss
/// reaches.
/// </summary>
internal sealed class ClosedFormRule : MultiplierRule
{
    private readonly BlockChain _chain;
    private readonly ScalingOptions _options;
    private readonly Dictionary<IntPtr, (int Block, bool IsWeight)> _places = [];
    private readonly HashSet<IntPtr> _plain;
    private readonly HashSet<IntPtr> _taken = [];
    private readonly double[] _floors;
    private IntPtr[] _parameters = [];
    private int[] _idle = [];
    private bool[] _reached = [];
    private Tensor? _floor;
    private Tensor? _coefficients;
    private Tensor? _squares;
    private Tensor? _norms;

    public ClosedFormRule(BlockChain chain, ScalingOptions options)
    {
        (_chain, _options) = (chain, options);
        _plain = chain.PlainParameters.Select(p => p.Parameter.Handle).ToHashSet();
        _floors = chain.Select(b => ClosedForm.Floor(b, options.Floor)).ToArray();
        for (var b = 0; b < chain.Count; b++)
        {
            _places[chain[b].Weight.Handle] = (b, true);
            foreach (var p in chain[b].Auxiliary) _places[p.Parameter.Handle] = (b, false);
        }
    }

    public override IEnumerable<(string Name, string Value)> Settings => _options.Named();

    /// <summary>Every block at the last step; empty before it. Copies the norms from the device.</summary>
    public IReadOnlyList<BlockScales> BlockScales
    {
        get
        {
            if (_norms is null) return [];
            using var host = _norms.cpu();
            return BackwardWalk.Run(_chain, host.data<double>().Select(n => n * n).ToList(), _reached, _options);
        }
    }

    public override string? WhyRefused(Parameter parameter, string name) =>
        _places.ContainsKey(parameter.Handle) || _plain.Contains(parameter.Handle)
            ? null
            : $"The parameter {name} belongs to no block of the chain; is it of another network, or of this one before it "
                + "was moved?";

    public override void Added(IReadOnlyList<Parameter> parameters) => _taken.UnionWith(parameters.Select(p => p.Handle));

    public override Tensor Multipliers(IReadOnlyList<ParameterUpdate> updates)
    {
        foreach (var block in _chain) ScaledSGD.ThrowIfMoved(block.Weight); // a frozen one may be in no group
        using var norms = Norms.Of([.. _chain.Select(b => b.Weight)]);
        FiniteChecks.ThrowUnlessFinite(norms, b => $"'{BlockChain.WeightName(_chain[b])}'");
        var handles = new IntPtr[updates.Count];
        for (var i = 0; i < handles.Length; i++) handles[i] = updates[i].Parameter.Handle;
        if (!handles.AsSpan().SequenceEqual(_parameters) || Array.Exists(_idle, b => _reached[b] == WouldMove(b)))
            Prepare(handles, norms.device);

        _norms?.Dispose();
        _norms = norms.clone().DetachFromDisposeScope();
        var squares = _floor is null ? norms.square() : norms.square().maximum(_floor);
        return _coefficients! * cat([squares, norms.new_ones(1)]).index_select(0, _squares!);
    }

    protected override void Dispose(bool disposing)
    {
        foreach (var tensor in new[] { _floor, _coefficients, _squares, _norms }) tensor?.Dispose();
        _norms = null;
        base.Dispose(disposing);
    }

    /// <summary>
    /// Whether a block's weight would have a gradient if the loss reached it. A frozen one, or one in no group, multiplies
    /// without.
    /// </summary>
    private bool WouldMove(int block) => _taken.Contains(_chain[block].Weight.Handle) && _chain[block].Weight.requires_grad;

    private void Prepare(IntPtr[] handles, Device device)
    {
        var moving = handles.ToHashSet();
        var reached = Enumerable.Range(0, _chain.Count).Select(b => moving.Contains(_chain[b].Weight.Handle) || !WouldMove(b))
            .ToArray();
        var unit = BackwardWalk.Run(_chain, Enumerable.Repeat(1.0, _chain.Count).ToList(), reached, _options with { Floor = 0 });
        var (coefficients, squares) = (new double[handles.Length], new long[handles.Length]);
        for (var i = 0; i < handles.Length; i++)
        {
            var placed = _places.TryGetValue(handles[i], out var place);
            var plain = place.Block == _chain.Count - 1 && _options.Head == HeadRule.Plain;
            var ofNorm = placed && place.IsWeight && !plain;
            squares[i] = ofNorm ? place.Block : _chain.Count;
            coefficients[i] = !placed ? 1 : place.IsWeight ? unit[place.Block].Multiplier
                : Auxiliary(place.Block, plain ? 1 : unit[place.Block].BackwardFactor);
        }

        _coefficients?.Dispose();
        _squares?.Dispose();
        _coefficients = tensor(coefficients, ScalarType.Float64, device).DetachFromDisposeScope();
        _squares = tensor(squares, ScalarType.Int64, device).DetachFromDisposeScope();
        if (Array.Exists(_floors, f => f > 0)) _floor ??= tensor(_floors, ScalarType.Float64, device).DetachFromDisposeScope();
        _idle = [.. Enumerable.Range(0, _chain.Count).Where(b => !moving.Contains(_chain[b].Weight.Handle))];
        (_parameters, _reached) = (handles, reached);
    }

    private double Auxiliary(int block, double backwardFactor) => _options.Auxiliary == AuxiliaryRule.Plain
        ? 1
        : 1 / (backwardFactor * ClosedForm.Sharing(_chain[block], _options.Positions));
}
