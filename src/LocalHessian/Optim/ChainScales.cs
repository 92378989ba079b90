using LocalHessian.Blocks;
using LocalHessian.Scaling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// Turns the norms of a chain's weights into one factor a parameter, on the device and without waiting for it: a factor is
/// a constant of the shapes times ‖W_b‖²_F or times one. The constants change only with the set of blocks the loss reaches.
/// </summary>
internal sealed class ChainScales : IDisposable
{
    private readonly BlockChain _chain;
    private readonly ScalingOptions _options;
    private readonly Dictionary<IntPtr, (int Block, bool IsWeight)> _places = [];
    private readonly HashSet<IntPtr> _plain;
    private IntPtr[] _parameters = [];
    private int[] _idle = [];
    private Tensor? _coefficients;
    private Tensor? _squares;
    private Tensor? _norms;

    public ChainScales(BlockChain chain, ScalingOptions options)
    {
        _chain = chain;
        _options = options;
        _plain = chain.PlainParameters.Select(p => p.Parameter.Handle).ToHashSet();
        for (var b = 0; b < chain.Count; b++)
        {
            _places[chain[b].Weight.Handle] = (b, true);
            foreach (var p in chain[b].Auxiliary) _places[p.Parameter.Handle] = (b, false);
        }
    }

    /// <summary>Whether the loss reached each block at the last step.</summary>
    public bool[] Reached { get; private set; } = [];

    /// <summary>‖W_b‖_F of each block at the last step, copied from the device; null before the first.</summary>
    public double[]? LastNorms
    {
        get
        {
            if (_norms is null) return null;
            using var host = _norms.cpu();
            return host.data<double>().ToArray();
        }
    }

    public bool Covers(Parameter parameter) => _places.ContainsKey(parameter.Handle) || _plain.Contains(parameter.Handle);

    /// <summary>The factors.</summary>
    /// <param name="parameters">Those that have a gradient.</param>
    /// <param name="norms">‖W_b‖_F of every block, float64.</param>
    /// <param name="expected">Whether a block's weight would have a gradient if the loss reached it.</param>
    public Tensor Of(IEnumerable<Parameter> parameters, Tensor norms, Func<Parameter, bool> expected)
    {
        var handles = parameters.Select(p => p.Handle).ToArray();
        if (!handles.AsSpan().SequenceEqual(_parameters) || Array.Exists(_idle, b => Reached[b] == expected(_chain[b].Weight)))
        {
            var moving = handles.ToHashSet();
            _idle = [.. Enumerable.Range(0, _chain.Count).Where(b => !moving.Contains(_chain[b].Weight.Handle))];
            var reached = _chain.Select(b => moving.Contains(b.Weight.Handle) || !expected(b.Weight)).ToArray();
            Prepare(handles, reached, norms.device);
        }

        _norms?.Dispose();
        _norms = norms.clone().DetachFromDisposeScope();
        return _coefficients! * cat([norms.square(), norms.new_ones(1)]).index_select(0, _squares!);
    }

    public void Dispose()
    {
        _coefficients?.Dispose();
        _squares?.Dispose();
        _norms?.Dispose();
        _norms = null;
    }

    private void Prepare(IntPtr[] handles, bool[] reached, Device device)
    {
        var unit = BackwardWalk.Run(_chain, Enumerable.Repeat(1.0, _chain.Count).ToList(), reached, _options);
        var (coefficients, squares) = (new double[handles.Length], new long[handles.Length]);
        for (var i = 0; i < handles.Length; i++)
        {
            var placed = _places.TryGetValue(handles[i], out var place);
            var ofNorm = placed && place.IsWeight && !(place.Block == _chain.Count - 1 && _options.Head == HeadRule.Plain);
            squares[i] = ofNorm ? place.Block : _chain.Count;
            coefficients[i] = !placed ? 1 : place.IsWeight ? unit[place.Block].Multiplier : Auxiliary(place.Block, unit[place.Block].BackwardFactor);
        }

        _coefficients?.Dispose();
        _squares?.Dispose();
        _coefficients = tensor(coefficients, ScalarType.Float64, device).DetachFromDisposeScope();
        _squares = tensor(squares, ScalarType.Int64, device).DetachFromDisposeScope();
        (_parameters, Reached) = (handles, reached);
    }

    private double Auxiliary(int block, double backwardFactor) => _options.Auxiliary == AuxiliaryRule.Plain
        ? 1
        : 1 / (backwardFactor * ClosedForm.Sharing(_chain[block], _options.Positions));
}
