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
public sealed class ScaleAmendedSGD : ScaledSGD
{
    private readonly ScalingOptions _scaling;
    private readonly ChainScales _scales;

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
        : this(BlockChain.Find(network, exampleInput), lr, momentum, dampening, weight_decay, nesterov, maximize, scaling)
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
        : this(chain, [new SGD.ParamGroup { Parameters = AllOf(chain) }], lr, momentum, dampening, weight_decay, nesterov, maximize, scaling)
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
        : base(Arguments.Defaults(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
        ArgumentNullException.ThrowIfNull(chain);
        ArgumentNullException.ThrowIfNull(groups);
        Chain = chain;
        _scaling = scaling ?? new ScalingOptions();
        _scales = new ChainScales(chain, _scaling);
        Remember(chain.Parameters);
        foreach (var group in groups) add_param_group(group);
        if (_parameter_groups.Count == 0) throw new ArgumentException("There are no parameter groups.", nameof(groups));
    }

    /// <summary>The blocks, in execution order.</summary>
    public BlockChain Chain { get; }

    /// <summary>
    /// m, m_{b,W}, m_{b,z} and the scale of every block at the last step, in execution order; empty before the first.
    /// Reading it copies the norms from the device; steps themselves do not wait for it.
    /// </summary>
    public IReadOnlyList<BlockFactors> Factors => _scales.LastNorms is { } norms
        ? BackwardWalk.Run(Chain, norms.Select(n => n * n).ToList(), _scales.Reached, _scaling)
        : [];

    private protected override string? Refusal(Parameter parameter) => _scales.Covers(parameter)
        ? null
        : $"The parameter {NameOf(parameter)} belongs to no block of the chain; is it of another network, or of this one before it was moved?";

    private protected override Tensor Scales(List<ParameterUpdate> updates)
    {
        using var norms = Norms(Chain.Select(b => b.Weight));
        return _scales.Of(updates.Select(u => u.Parameter), norms, p => _state.ContainsKey(p.Handle) && p.requires_grad);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _scales.Dispose();
        base.Dispose(disposing);
    }

    private static IEnumerable<Parameter> AllOf(BlockChain chain)
    {
        ArgumentNullException.ThrowIfNull(chain);
        return chain.Parameters.Select(p => p.Parameter);
    }
}
