using LocalHessian.Blocks;
using LocalHessian.Scaling;

namespace LocalHessian.Optim;

/// <summary>
/// Scale-amended SGD (Algorithm 2 of Zhang, Chen and Liu, NeurIPS 2018): walks the blocks of a network from its output to its
/// input and divides each block's gradient by the scale of its local Hessian.
/// </summary>
/// <remarks>
/// <para>
/// δ'W_b = (δW_b + λW_b)/m/m_{b,W}, eq. (22), and m ← m·m_{b,z}, eq. (23), with the closed forms of eq. (24) and C.1; then
/// momentum (MATH §5).
/// </para>
/// <para>
/// For a chain this is SGD whose block gradients are multiplied by ‖W_b‖²_F/D_B, D_B the number of the network's outputs
/// (MATH §6). Hence the advice on the rate: CIFAR-10 wants about a tenth of CIFAR-100's; and the steps do not depend on the
/// scale of the initial weights of batch-normalised blocks.
/// </para>
/// <para>
/// A frozen block (<c>requires_grad</c> false) does not move, but its m_{b,z} multiplies; a block without a gradient neither
/// moves nor multiplies. Weights that start at zero move if no normalisation follows them, see
/// <see cref="ScalingOptions.Floor"/>.
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
public sealed class ScaleAmendedSGD : ScaledSGD
{
    private readonly ScalingOptions _scaling;
    private readonly MultiplierRule _rule;
    private readonly ShapeHook? _shapes;

    /// <summary>Finds the network's blocks, and optimises all of its parameters in one group.</summary>
    /// <param name="network">
    /// The network, already on its device and in its dtype; for the closed form a chain of blocks, see
    /// <see cref="NetworkStructure.WhyNoChain"/>.
    /// </param>
    /// <param name="exampleInput">A batch like those it trains on; one sample is enough.</param>
    /// <param name="lr">Learning rate η; the paper uses 0.1 for CIFAR-100.</param>
    /// <param name="momentum">Momentum μ. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ, applied before the multiplier. Default 0.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <param name="scaling">Where scales come from, and conventions; null for the closed form.</param>
    /// <exception cref="NotAChainException">The closed form is asked for, and the network is not a chain.</exception>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public ScaleAmendedSGD(
        nn.Module<Tensor, Tensor> network, Tensor exampleInput, double lr, double momentum = 0, double dampening = 0,
        double weight_decay = 0, bool nesterov = false, bool maximize = false, ScalingOptions? scaling = null)
        : this(NetworkStructure.Find(network, Argument.ThrowIfNull(exampleInput)), new ScaleAmendedSGDOptions
        {
            LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov,
            maximize = maximize, Scaling = scaling ?? new ScalingOptions(),
        })
    {
    }

    /// <summary>Optimises parameters of a network that has been described, of any architecture.</summary>
    /// <param name="network">The description.</param>
    /// <param name="options">Options of the groups, and how blocks are scaled.</param>
    /// <param name="groups">
    /// Parameters of the network by group: a group holds rates and decays, not blocks, all groups form one network, and a
    /// block in no group is treated as frozen. Null for one group of all, the plain ones included.
    /// </param>
    /// <exception cref="NotAChainException">The closed form is asked for, and the network is not a chain.</exception>
    /// <exception cref="ArgumentException">An option is out of range, or a parameter is not of the network.</exception>
    public ScaleAmendedSGD(NetworkStructure network, ScaleAmendedSGDOptions options, IEnumerable<SGD.ParamGroup>? groups = null)
        : this(network, options, RuleOf(network, options), groups)
    {
    }

    private ScaleAmendedSGD(NetworkStructure network, ScaleAmendedSGDOptions options, MultiplierRule rule,
        IEnumerable<SGD.ParamGroup>? groups)
        : base(rule, options)
    {
        (_rule, _scaling, Chain) = (rule, options.Scaling, network.Chain);
        var all = network.Parameters.Concat(network.PlainParameters).ToList();
        Remember(all, network.Network);
        AddAll(groups ?? [new SGD.ParamGroup { Parameters = all.Select(p => p.Parameter) }]);
        // Last, so that a constructor that throws leaves no hook behind.
        if (rule is MeasuredRule measured) measured.Attach();
        else if (_scaling.Positions != PositionConvention.BlockOutput) _shapes = new ShapeHook(network.Chain![0]);
    }

    /// <summary>The blocks, in execution order; null if scales are measured on a network that is no chain.</summary>
    public BlockChain? Chain { get; }

    /// <summary>
    /// m, m_{b,W}, m_{b,z} and the multiplier of every block at the last step, in execution order; empty before the first.
    /// Reading it copies the norms from the device; steps themselves do not wait for it.
    /// </summary>
    /// <remarks>
    /// Measured scales: one entry a measured weight, whose m_{b,W} is the measurement after smoothing and bounds and stands for
    /// m·m_{b,W}; m and m_{b,z} are then 1.
    /// </remarks>
    public IReadOnlyList<BlockScales> BlockScales =>
        _rule is MeasuredRule measured ? measured.BlockScales : ((ClosedFormRule)_rule).BlockScales;

    /// <summary>
    /// What the last refresh that a step has taken in measured of each parameter, beside the closed form; empty before it,
    /// and with closed-form scales.
    /// </summary>
    public IReadOnlyList<MeasuredScale> MeasuredScales => (_rule as MeasuredRule)?.Measured ?? [];

    /// <summary>Whether the next forward pass measures scales; a caller of <see cref="Refresh"/> can go by it.</summary>
    public bool RefreshDue => (_rule as MeasuredRule)?.Due ?? false;

    /// <summary>
    /// Measures scales now, on a network's output; the next step takes them in. Only needed for networks that do not map one
    /// tensor to one tensor; others are measured by themselves, on the first forward pass in training mode once
    /// <see cref="MeasurementOptions.Interval"/> steps have gone by.
    /// </summary>
    /// <param name="output">The output, batch first, after the forward and before the backward pass. Its graph is kept.</param>
    /// <exception cref="InvalidOperationException">
    /// The scales are not composite, or the output depends on no parameter.
    /// </exception>
    /// <exception cref="ArgumentException">The output has no batch dimension.</exception>
    public void Refresh(Tensor output)
    {
        ArgumentNullException.ThrowIfNull(output);
        if (_rule is not MeasuredRule measured || _scaling.Source != ScaleSource.Composite)
            throw new InvalidOperationException("Composite scales alone are measured on an output.");
        if (output.dim() == 0 || output.numel() == 0 || (_scaling.Head == HeadRule.CrossEntropy && output.dim() < 2))
            throw new ArgumentException(
                $"An output of shape {Describe.Shape(output)} cannot be measured: the network's output before the loss, "
                + "batch first, is needed.",
                nameof(output));
        measured.Refresh(output);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _shapes?.Dispose();
        base.Dispose(disposing);
    }

    private static MultiplierRule RuleOf(NetworkStructure network, ScaleAmendedSGDOptions options)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(options.Scaling);
        options.Scaling.Validate();
        if (options.Scaling.Source != ScaleSource.ClosedForm) return new MeasuredRule(network, options.Scaling);
        if (options.Scaling.Head == HeadRule.CrossEntropy)
            throw new ArgumentException(
                "The Hessian of cross entropy at the head can be measured only: choose ScaleSource.Composite too.",
                nameof(options));
        return new ClosedFormRule(network.Chain ?? throw NotAChain(network), options.Scaling);
    }

    private static NotAChainException NotAChain(NetworkStructure network) => new(
        $"{network.WhyNoChain} Closed-form scales hold for chains only; use measured scales (ScalingOptions.Source = "
        + "ScaleSource.Composite).",
        network.ChainError!);
}
