using LocalHessian.Blocks;
using LocalHessian.Scaling;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// Scale-amended SGD (Algorithm 2 of Zhang, Chen and Liu, NeurIPS 2018): walks the blocks of a network from its output to its
/// input and divides each block's gradient by the scale of its local Hessian.
/// </summary>
/// <remarks>
/// <para>δ'W_b = (δW_b + λW_b)/m/m_{b,W}, eq. (22), and m ← m·m_{b,z}, eq. (23), with the closed forms of eq. (24) and C.1; then momentum (MATH §5).</para>
/// <para>
/// For a chain this is SGD whose block gradients are multiplied by ‖W_b‖²_F/D_B, D_B the number of the network's outputs
/// (MATH §6). Hence the advice on the rate: CIFAR-10 wants about a tenth of CIFAR-100's; and the steps do not depend on the
/// scale of the initial weights of batch-normalised blocks.
/// </para>
/// <para>
/// A frozen block (<c>requires_grad</c> false) does not move, but its m_{b,z} multiplies; a block without a gradient neither
/// moves nor multiplies; a weight of zero norm gets the factor zero.
/// </para>
/// </remarks>
/// <example>
/// <code>
/// using var optimizer = new ScaleAmendedSGD(model, images, lr: 0.05, momentum: 0.9, weight_decay: 0.005);
/// optimizer.zero_grad();
/// cross_entropy(model.call(images), labels).backward();
/// optimizer.step();
/// </code>
/// </example>
public sealed partial class ScaleAmendedSGD : ScaledSGD
{
    private readonly ScalingOptions _scaling;
    private readonly ChainScales? _scales;
    private readonly MeasuredScales? _measured;
    private readonly RefreshHook? _hook;

    /// <summary>Finds the network's blocks, and optimises all of its parameters in one group.</summary>
    /// <param name="network">A chain of blocks, already on its device and in its dtype; see <see cref="BlockChain.Find"/>.</param>
    /// <param name="exampleInput">A batch like those it trains on; one sample is enough.</param>
    /// <param name="lr">Learning rate η; the paper uses 0.1 for CIFAR-100.</param>
    /// <param name="momentum">Momentum μ. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ, applied before the scale. Default 0.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <param name="scaling">Conventions; null for the defaults.</param>
    /// <exception cref="NotAChainException">The network is not a chain.</exception>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public ScaleAmendedSGD(
        nn.Module<Tensor, Tensor> network, Tensor exampleInput, double lr, double momentum = 0, double dampening = 0,
        double weight_decay = 0, bool nesterov = false, bool maximize = false, ScalingOptions? scaling = null)
        : this(
            scaling is null or { Source: ScaleSource.ClosedForm } ? ChainOf(network, exampleInput) : null,
            scaling is null or { Source: ScaleSource.ClosedForm } ? null : NetworkStructure.Find(network, exampleInput),
            null, lr, momentum, dampening, weight_decay, nesterov, maximize, scaling)
    {
    }

    /// <summary>Optimises all parameters of a network of any architecture, with measured scales, in one group.</summary>
    /// <param name="blocks">The network.</param>
    /// <param name="lr">Learning rate η.</param>
    /// <param name="momentum">Momentum μ. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ, applied before the scale. Default 0.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <param name="scaling">Conventions; null for composite scales with the defaults.</param>
    /// <param name="groups">Parameters of the network by group; null for one group of all.</param>
    /// <exception cref="ArgumentException">An argument is out of range, or closed-form scales are asked for.</exception>
    public ScaleAmendedSGD(
        NetworkStructure blocks, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0, bool nesterov = false, bool maximize = false,
        ScalingOptions? scaling = null, IEnumerable<SGD.ParamGroup>? groups = null)
        : this(null, blocks ?? throw new ArgumentNullException(nameof(blocks)), groups, lr, momentum, dampening, weight_decay, nesterov, maximize,
            scaling ?? new ScalingOptions { Source = ScaleSource.Composite })
    {
    }

    /// <summary>Optimises all parameters of a chain in one group.</summary>
    /// <param name="chain">The blocks.</param>
    /// <param name="lr">Learning rate η.</param>
    /// <param name="momentum">Momentum μ. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ, applied before the scale. Default 0.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <param name="scaling">Conventions; null for the defaults.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public ScaleAmendedSGD(
        BlockChain chain, double lr, double momentum = 0, double dampening = 0,
        double weight_decay = 0, bool nesterov = false, bool maximize = false, ScalingOptions? scaling = null)
        : this(chain ?? throw new ArgumentNullException(nameof(chain)), null, null, lr, momentum, dampening, weight_decay, nesterov, maximize, scaling)
    {
    }

    /// <summary>Optimises parameter groups, all of which form one chain: a group holds rates and decays, not blocks.</summary>
    /// <param name="chain">The blocks.</param>
    /// <param name="groups">Parameters of the chain. A block in no group is treated as frozen.</param>
    /// <param name="lr">Learning rate η.</param>
    /// <param name="momentum">Momentum μ. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ, applied before the scale. Default 0.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <param name="scaling">Conventions; null for the defaults.</param>
    /// <exception cref="ArgumentException">An argument is out of range, or a parameter is not of the chain.</exception>
    public ScaleAmendedSGD(
        BlockChain chain, IEnumerable<SGD.ParamGroup> groups, double lr, double momentum = 0, double dampening = 0,
        double weight_decay = 0, bool nesterov = false, bool maximize = false, ScalingOptions? scaling = null)
        : this(
            chain ?? throw new ArgumentNullException(nameof(chain)), null, groups ?? throw new ArgumentNullException(nameof(groups)),
            lr, momentum, dampening, weight_decay, nesterov, maximize, scaling)
    {
    }

    private ScaleAmendedSGD(
        BlockChain? chain, NetworkStructure? blocks, IEnumerable<SGD.ParamGroup>? groups, double lr, double momentum, double dampening,
        double weight_decay, bool nesterov, bool maximize, ScalingOptions? scaling)
        : base(Arguments.Defaults(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
        _scaling = scaling ?? new ScalingOptions();
        Check(_scaling);
        if (blocks is null != (_scaling.Source == ScaleSource.ClosedForm))
            throw new ArgumentException(
                blocks is null
                    ? "A chain does not know its network, on which scales are measured: give the network, or a NetworkStructure."
                    : "Closed-form scales hold for chains: give a BlockChain, or the network. For this NetworkStructure choose ScaleSource.Composite.",
                nameof(scaling));
        Chain = chain ?? blocks?.Chain;
        if (blocks is null)
        {
            if (_scaling.Head == HeadRule.CrossEntropy)
                throw new ArgumentException("The Hessian of cross entropy at the head can be measured only: choose ScaleSource.Composite too.", nameof(scaling));
            _scales = new ChainScales(chain!, _scaling);
            Remember(chain!.Parameters);
        }
        else
        {
            _measured = new MeasuredScales(blocks, _scaling);
            Remember(blocks.Parameters.Concat(blocks.PlainParameters));
        }

        foreach (var group in groups ?? [new SGD.ParamGroup { Parameters = (blocks is null ? chain!.Parameters : blocks.Parameters.Concat(blocks.PlainParameters)).Select(p => p.Parameter) }])
            add_param_group(group);
        if (_parameter_groups.Count == 0) throw new ArgumentException("There are no parameter groups.", nameof(groups));
        // Last, so that a constructor that throws leaves no hook behind.
        if (blocks?.Network is nn.Module<Tensor, Tensor> network) _hook = new RefreshHook(network, _measured!);
    }

    private static BlockChain ChainOf(nn.Module<Tensor, Tensor> network, Tensor example)
    {
        try
        {
            return BlockChain.Find(network, example);
        }
        catch (NotAChainException e)
        {
            throw new NotAChainException($"{e.Message} Closed-form scales hold for chains only; use measured scales (ScalingOptions.Source = ScaleSource.Composite).", e);
        }
    }

    /// <summary>The blocks, in execution order; null if factors are measured on a network that is no chain.</summary>
    public BlockChain? Chain { get; }

    /// <summary>
    /// m, m_{b,W}, m_{b,z} and the multiplier of every block at the last step, in execution order; empty before the first.
    /// Reading it copies the norms from the device; steps themselves do not wait for it.
    /// </summary>
    /// <remarks>
    /// Measured scales: one entry a measured weight, whose m_{b,W} is the measurement after smoothing and bounds and stands for
    /// m·m_{b,W}; m and m_{b,z} are then 1.
    /// </remarks>
    public IReadOnlyList<BlockScales> BlockScales => _measured is not null ? _measured.BlockScales : _scales!.LastNorms is { } norms
        ? BackwardWalk.Run(Chain!, norms.Select(n => n * n).ToList(), _scales.Reached, _scaling)
        : [];

    /// <summary>What the last refresh measured of each parameter, beside the closed form; empty before it, and with closed-form scales.</summary>
    public IReadOnlyList<MeasuredScale> MeasuredScales => _measured?.Measured ?? [];

    /// <summary>
    /// Measures factors now, on a network's output. Only needed for networks that do not map one tensor to one tensor; others
    /// are measured by themselves, on the first forward pass in training mode once <see cref="MeasurementOptions.Interval"/> steps have gone by.
    /// </summary>
    /// <param name="output">The output, batch first, after the forward and before the backward pass. Its graph is kept.</param>
    /// <exception cref="InvalidOperationException">The factors are not composite, or the output depends on no parameter.</exception>
    /// <exception cref="ArgumentException">The output has no batch dimension.</exception>
    public void Refresh(Tensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_scaling.Source != ScaleSource.Composite) throw new InvalidOperationException("Composite scales alone are measured on an output.");
        if (output.dim() == 0 || output.numel() == 0 || (_scaling.Head == HeadRule.CrossEntropy && output.dim() < 2))
            throw new ArgumentException($"An output of shape [{string.Join(", ", output.shape)}] cannot be measured: the network's output before the loss, batch first, is needed.", nameof(output));
        _measured!.Refresh(output);
    }

    /// <summary>For state files; null with closed-form scales.</summary>
    internal MeasuredState? MeasuredState
    {
        get => _measured?.State;
        set
        {
            if (_measured is not null && value is not null) _measured.State = value;
        }
    }

    /// <summary>Whether the next forward pass measures factors; a caller of <see cref="Refresh"/> can go by it.</summary>
    public bool RefreshDue => _measured?.Due ?? false;

    private protected override string? Refusal(Parameter parameter) => _measured?.Covers(parameter) ?? _scales!.Covers(parameter)
        ? null
        : $"The parameter {NameOf(parameter)} belongs to no block of the {(_measured is null ? "chain" : "network")}; is it of another network, or of this one before it was moved?";

    private protected override Tensor Scales(List<ParameterUpdate> updates)
    {
        if (_measured is not null) return _measured.Of(updates.Select(u => u.Parameter).ToList());
        foreach (var block in Chain!) ThrowIfMoved(block.Weight); // a frozen one may be in no group
        using var norms = Norms.Of([.. Chain.Select(b => b.Weight)]);
        FiniteChecks.RequireFinite(norms, b => NameOf(Chain[b].Weight));
        return _scales!.Of(updates.Select(u => u.Parameter), norms, p => _state.ContainsKey(p.Handle) && p.requires_grad);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _hook?.Dispose();
            _measured?.Dispose();
            _scales?.Dispose();
        }

        base.Dispose(disposing);
    }
}
