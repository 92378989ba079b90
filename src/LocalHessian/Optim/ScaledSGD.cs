using LocalHessian.Blocks;
using LocalHessian.Internal;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// Stochastic gradient descent that multiplies the gradient of each parameter by a factor which the derived class computes
/// from norms: decay, then scale, then momentum (MATH §5).
/// </summary>
/// <remarks>
/// <para>With a the factor, λ the weight decay, μ the momentum, d the dampening and η the rate:</para>
/// <para>g' = a·(g + λW);  v ← μv + (1 − d)·g' (v ← g' at the first step);  W ← W − ηv, or W ← W − η(g' + μv) with Nesterov momentum.</para>
/// <para>
/// With all factors one this is <c>torch.optim.SGD</c>, its treatment of <c>maximize</c> included. Gradients are never
/// modified; parameters without a gradient are skipped. Parameter groups and options are those of TorchSharp's SGD. An
/// instance is not thread-safe; different instances on different threads are.
/// </para>
/// </remarks>
public abstract partial class ScaledSGD : OptimizerHelper, optim.IMomentum
{
    private readonly SGD.Options _options;
    private readonly Dictionary<IntPtr, string> _names = [];
    private bool _disposed;

    private protected ScaledSGD(SGD.Options defaults)
    {
        _options = defaults;
        _defaults = defaults;
        _parameter_groups = [];
    }

    /// <summary>Default momentum of groups that are added later. The groups themselves hold theirs.</summary>
    /// <value>Not negative, finite.</value>
    public double Momentum
    {
        get => _options.momentum!.Value;
        set
        {
            Arguments.NotNegative(value, nameof(value), "momentum");
            _options.momentum = value;
        }
    }

    /// <summary>Adds a group of parameters, taking the options it leaves open from the constructor's.</summary>
    /// <param name="param_group">A <see cref="SGD.ParamGroup"/>, or another whose options are null or <see cref="SGD.Options"/>.</param>
    /// <exception cref="ArgumentException">
    /// No parameters, a parameter twice, a parameter that is not a dense real floating-point tensor, one that this optimizer
    /// cannot place, or an option out of range. The optimizer is then unchanged.
    /// </exception>
    public override void add_param_group(ParamGroup param_group)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ArgumentNullException.ThrowIfNull(param_group);
        if (param_group.Parameters is null) throw new ArgumentException("The parameters are null.", nameof(param_group));
        if (_parameter_groups.Contains(param_group)) throw new ArgumentException("The group is given twice.", nameof(param_group));
        if (param_group.Options is not (null or SGD.Options))
            throw new ArgumentException($"Options of type {typeof(SGD.Options).FullName} are needed, not {param_group.Options.GetType().FullName}.", nameof(param_group));

        var parameters = param_group.Parameters.ToList();
        var options = (SGD.Options?)param_group.Options ?? new SGD.Options();
        if (parameters.Count == 0) throw new ArgumentException("The group has no parameters.", nameof(param_group));
        CheckParameters(parameters);
        Arguments.Complete(options, _options);

        var group = param_group as SGD.ParamGroup ?? new SGD.ParamGroup();
        group.Parameters = parameters;
        group.Options = options;
        _parameter_groups.Add(group);
        foreach (var parameter in parameters) _state[parameter.Handle] = new SGDState(parameter, this);
    }

    /// <summary>Performs one step.</summary>
    /// <param name="closure">Reevaluates the network with gradients enabled and returns the loss; may be null.</param>
    /// <returns>What the closure returned; null without one.</returns>
    /// <exception cref="ObjectDisposedException">The optimizer has been disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// A parameter has been disposed, as by <c>model.to(…)</c> after the optimizer was built; or a gradient is sparse or of another shape,
    /// dtype or device. Nothing has moved.
    /// </exception>
    /// <exception cref="NonFiniteException">
    /// A gradient, if <see cref="NonFiniteGradients"/> says so, or on the CPU a weight whose norm is needed, has NaN or infinity, or its factor is
    /// out of range. Nothing has moved; with <see cref="NonFiniteGradients.Ignore"/>, for large weights of <see cref="LayerwiseSGD"/>, other parameters may have.
    /// </exception>
    /// <exception cref="ArgumentException">An option of a group is out of range. Nothing has moved.</exception>
    public override Tensor? step(Func<Tensor>? closure = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        Tensor? loss = null;
        if (closure is not null)
        {
            using var graded = enable_grad();
            loss = closure();
        }

        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        var updates = Collect();
        if (updates.Count == 0 || IsSkipped(updates)) return loss;
        foreach (var part in Parts(updates))
        {
            var scales = Scales(part);
            FiniteChecks.RequireInRange(scales, part, NameOf);
            Update(part, scales);
        }

        return loss;
    }

    /// <summary>How parameters move; tests set it to compare the ways.</summary>
    internal Action<IReadOnlyList<ParameterUpdate>, Tensor> Update { get; set; } = FastUpdate.Apply;

    /// <summary>The updates in the parts that move one after the other; only factors that need no norm of another part may be so divided.</summary>
    private protected virtual IEnumerable<List<ParameterUpdate>> Parts(List<ParameterUpdate> updates) => [updates];

    /// <summary>The factors a, a float64 vector on the parameters' device with one element an update. May reorder the updates.</summary>
    private protected abstract Tensor Scales(List<ParameterUpdate> updates);

    /// <summary>Why a parameter may not be optimised, or null.</summary>
    private protected virtual string? Refusal(Parameter parameter) => null;

    /// <summary>How error messages call a parameter.</summary>
    private protected virtual string NameOf(Parameter parameter) =>
        _names.TryGetValue(parameter.Handle, out var name) ? $"'{name}'" : $"of shape [{string.Join(", ", parameter.shape)}]";

    private protected void Remember(IEnumerable<NamedParameter> parameters)
    {
        foreach (var p in parameters) _names[p.Parameter.Handle] = p.Name;
    }

    private List<ParameterUpdate> Collect()
    {
        var updates = new List<ParameterUpdate>();
        foreach (var group in _parameter_groups)
        {
            var options = OptionsOf(group);
            foreach (var parameter in group.Parameters)
            {
                ThrowIfMoved(parameter);
                if (parameter.grad is not { } gradient) continue;
                var state = StateOf(parameter);
                if (!GradientCheck.Fits(parameter, gradient, state.momentum_buffer))
                    throw GradientCheck.Misfit(NameOf(parameter), parameter, gradient, state.momentum_buffer);
                updates.Add(new(parameter, gradient, state, options));
            }
        }

        return updates;
    }

    private void CheckParameters(List<Parameter> parameters)
    {
        var device = _parameter_groups.SelectMany(g => g.Parameters).Concat(parameters).First()?.device;
        var seen = _parameter_groups.SelectMany(g => g.Parameters).Select(p => p.Handle).ToHashSet();
        foreach (var parameter in parameters)
        {
            if (parameter is null || parameter.IsInvalid) throw new ArgumentException("A parameter is null or has been disposed.", nameof(parameters));
            if (!parameter.is_floating_point() || parameter.is_sparse)
                throw new ArgumentException($"The parameter {NameOf(parameter)} is {parameter.dtype}{(parameter.is_sparse ? ", sparse" : "")}; dense real floating-point ones are needed.", nameof(parameters));
            if (parameter.device_type != device!.type || (device.index >= 0 && parameter.device_index != device.index))
                throw new ArgumentException($"The parameter {NameOf(parameter)} is on {parameter.device}, others are on {device}; all must be on one device.", nameof(parameters));
            if (!seen.Add(parameter.Handle)) throw new ArgumentException($"The parameter {NameOf(parameter)} is given twice.", nameof(parameters));
            if (Refusal(parameter) is { } reason) throw new ArgumentException(reason, nameof(parameters));
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing && !_disposed)
        {
            _disposed = true;
            foreach (var (_, state) in _state) ((SGDState)state).Dispose();
            _state.Clear();
        }

        base.Dispose(disposing);
    }
}
