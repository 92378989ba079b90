using LocalHessian.Blocks;
using LocalHessian.Internal;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// Stochastic gradient descent that multiplies the gradient of each parameter by a number that a <see cref="MultiplierRule"/>
/// computes: decay, then multiplier, then momentum (MATH §5). The engine of every optimizer here; derive from it, or use it
/// with a rule of your own.
/// </summary>
/// <remarks>
/// <para>With a the multiplier, λ the weight decay, μ the momentum, d the dampening and η the rate:</para>
/// <para>
/// g' = a·(g + λW); v ← μv + (1 − d)·g' (v ← g' at the first step); W ← W − ηv, or W ← W − η(g' + μv) with Nesterov momentum.
/// </para>
/// <para>
/// With all multipliers one this is TorchSharp's <c>torch.optim.SGD</c> to the last bit, and so its treatment of
/// <c>maximize</c>: the decay is added to the gradient as it is, so that ascent grows weights (w = 1, g = 1, rate 0.1, decay
/// 0.1 give 1.11). PyTorch negates the gradient first (1.09).
/// </para>
/// <para>
/// Gradients are never modified, but averaged over <see cref="Ranks"/> if there are any. Parameters without a gradient are
/// skipped, and so are frozen ones (<c>requires_grad</c> false), at once and whatever their gradient tensor holds: neither
/// decay nor momentum moves them. Parameter groups and options are those of TorchSharp's SGD. What is given to the optimizer
/// (network, or sequence of parameters) stays alive with it. An instance is not thread-safe, and refuses a step while another
/// is in progress; different instances on different threads are independent.
/// </para>
/// </remarks>
public partial class ScaledSGD : OptimizerHelper, optim.IMomentum
{
    private readonly MultiplierRule _rule;
    private readonly SGD.Options _options;
    private readonly HeldVector _sizes = new(ScalarType.Int64);
    private readonly Dictionary<IntPtr, string> _names = [];

    // A module's finalizer disposes its parameters, whoever else refers to them: modules, and the lazy sequences that refer
    // to them, are kept.
    private readonly List<object> _keptAlive = [];
    private long _steps;
    private bool _disposed;

    /// <summary>Optimises a network's parameters in one group; messages and state files name them.</summary>
    /// <param name="rule">Computes the multipliers. It becomes the optimizer's, which disposes it.</param>
    /// <param name="network">The network, already on its device and in its dtype.</param>
    /// <param name="options">The group's options.</param>
    /// <exception cref="ArgumentException">An option is out of range, or a parameter is refused.</exception>
    public ScaledSGD(MultiplierRule rule, nn.Module network, ScaledSGDOptions options)
        : this(rule, options, NetworkParts.Parameters(Argument.ThrowIfNull(network)), network)
    {
    }

    /// <summary>Optimises named parameters in one group; messages and state files name them.</summary>
    /// <inheritdoc cref="ScaledSGD(MultiplierRule, nn.Module, ScaledSGDOptions)" path="/exception"/>
    /// <param name="rule">Computes the multipliers. It becomes the optimizer's, which disposes it.</param>
    /// <param name="parameters">E.g. <c>network.named_parameters()</c>.</param>
    /// <param name="options">The group's options.</param>
    public ScaledSGD(MultiplierRule rule, IEnumerable<(string name, Parameter parameter)> parameters, ScaledSGDOptions options)
        : this(rule, options, parameters, parameters)
    {
    }

    /// <summary>Optimises parameters in one group.</summary>
    /// <inheritdoc cref="ScaledSGD(MultiplierRule, nn.Module, ScaledSGDOptions)" path="/exception"/>
    /// <param name="rule">Computes the multipliers. It becomes the optimizer's, which disposes it.</param>
    /// <param name="parameters">E.g. <c>network.parameters()</c>.</param>
    /// <param name="options">The group's options.</param>
    public ScaledSGD(MultiplierRule rule, IEnumerable<Parameter> parameters, ScaledSGDOptions options)
        : this(rule, [new SGD.ParamGroup { Parameters = parameters }], options)
    {
    }

    /// <summary>Optimises parameter groups.</summary>
    /// <inheritdoc cref="ScaledSGD(MultiplierRule, nn.Module, ScaledSGDOptions)" path="/exception"/>
    /// <param name="rule">Computes the multipliers. It becomes the optimizer's, which disposes it.</param>
    /// <param name="groups">The groups, see <see cref="add_param_group"/>.</param>
    /// <param name="options">What the groups leave open.</param>
    public ScaledSGD(MultiplierRule rule, IEnumerable<SGD.ParamGroup> groups, ScaledSGDOptions options) : this(rule, options) =>
        AddAll(groups);

    private ScaledSGD(
        MultiplierRule rule, ScaledSGDOptions options, IEnumerable<(string Name, Parameter Parameter)> named, object owner)
        : this(rule, options)
    {
        ArgumentNullException.ThrowIfNull(named);
        var all = named.ToList();
        Remember(all.Where(p => p.Parameter is not null).Select(p => new NamedParameter(p.Name, p.Parameter)), owner);
        AddAll([new SGD.ParamGroup { Parameters = all.Select(p => p.Parameter) }]);
    }

    /// <summary>For derived classes that add their groups themselves.</summary>
    private protected ScaledSGD(MultiplierRule rule, ScaledSGDOptions options)
    {
        ArgumentNullException.ThrowIfNull(rule);
        ArgumentNullException.ThrowIfNull(options);
        _rule = rule;
        _options = options.Validated();
        _defaults = _options;
        _parameter_groups = [];
    }

    /// <summary>Performs one step.</summary>
    /// <param name="closure">Reevaluates the network with gradients enabled and returns the loss; may be null.</param>
    /// <returns>What the closure returned; null without one.</returns>
    /// <exception cref="ObjectDisposedException">The optimizer has been disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// Another step of this optimizer is in progress, on another thread or around the closure; a parameter has been disposed,
    /// as by <c>model.to(…)</c> after the optimizer was built, or put into a group past <see cref="add_param_group"/>; a
    /// gradient is sparse or of another shape, dtype or device. Nothing has moved.
    /// </exception>
    /// <exception cref="NonFiniteException">
    /// A gradient, if <see cref="NonFiniteGradients"/> says so, or on the CPU a weight whose norm is needed, has NaN or
    /// infinity, or its multiplier is out of range. Nothing has moved; with <see cref="NonFiniteGradients.Ignore"/>, for
    /// large weights of a <see cref="LayerwiseRule"/>, other parameters may have.
    /// </exception>
    /// <exception cref="ArgumentException">An option of a group is out of range. Nothing has moved.</exception>
    public override Tensor? step(Func<Tensor>? closure = null)
    {
        using var alone = ThrowUnlessAlone();
        Tensor? loss = null;
        if (closure is not null)
        {
            using var graded = enable_grad();
            loss = closure();
        }

        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        AverageOverRanks();
        var updates = Collect();
        if (updates.Count == 0 || IsSkipped(updates)) return loss;
        foreach (var part in Parts(updates))
        {
            var batch = StepBatch.Of(_rule, part, _sizes);
            FiniteChecks.ThrowUnlessInRange(batch);
            if (Kernel is null) StepKernels.Apply(batch);
            else StepKernels.Apply(Kernel, batch);
        }

        return loss;
    }

    /// <summary>How all parameters move; null for whatever is fastest. Tests set it to compare the ways.</summary>
    internal IStepKernel? Kernel { get; set; }

    /// <summary>How messages call a parameter.</summary>
    internal string NameOf(Parameter parameter) =>
        _names.TryGetValue(parameter.Handle, out var name) ? $"'{name}'" : $"of shape {Describe.Shape(parameter)}";

    /// <summary>Names parameters, and keeps alive what they die with.</summary>
    private protected void Remember(IEnumerable<NamedParameter> parameters, object owner)
    {
        foreach (var p in parameters) _names[p.Parameter.Handle] = p.Name;
        _keptAlive.Add(owner);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            foreach (var (_, state) in _state) ((SGDState)state).Dispose();
            _state.Clear();
            _rule.Dispose();
            _sizes.Dispose();
        }

        base.Dispose(disposing);
    }
}
