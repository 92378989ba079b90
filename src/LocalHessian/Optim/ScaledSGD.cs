using LocalHessian.Blocks;

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

    private List<ParameterUpdate> Collect()
    {
        _steps++;
        var updates = new List<ParameterUpdate>();
        foreach (var group in _parameter_groups)
        {
            var options = StepOptions.Of(OptionsOf(group));
            foreach (var parameter in ParametersOf(group))
            {
                ThrowIfMoved(parameter);
                var state = StateOf(parameter);
                if (state.LastStep == _steps) throw PutInPast(parameter, "is in two groups");
                state.LastStep = _steps;
                if (!parameter.requires_grad || parameter.grad is not { } gradient) continue;
                if (!GradientCheck.Fits(parameter, gradient, state.momentum_buffer))
                    throw GradientCheck.Misfit(NameOf(parameter), parameter, gradient, state.momentum_buffer);
                updates.Add(new(parameter, gradient, state, options, this));
            }
        }

        return updates;
    }

    /// <summary>The updates in the parts that move one after the other.</summary>
    private IEnumerable<List<ParameterUpdate>> Parts(List<ParameterUpdate> updates)
    {
        const long LargeSize = 1 << 20; // many small ones cost less in one part
        if (!_rule.LayerByLayer || NonFiniteGradients != NonFiniteGradients.Ignore
            || updates[0].Parameter.device_type != DeviceType.CPU)
            return [updates];
        var sizes = updates.ToLookup(u => u.Parameter.numel() >= LargeSize);
        var large = sizes[true].Select(u => new List<ParameterUpdate> { u });
        return sizes[false].Any() ? large.Prepend([.. sizes[false]]) : large;
    }

    /// <summary>How all parameters move; null for whatever is fastest. Tests set it to compare the ways.</summary>
    internal IStepKernel? Kernel { get; set; }

    /// <summary>How messages call a parameter.</summary>
    internal string NameOf(Parameter parameter) =>
        _names.TryGetValue(parameter.Handle, out var name) ? $"'{name}'" : $"of shape {Describe.Shape(parameter)}";

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
