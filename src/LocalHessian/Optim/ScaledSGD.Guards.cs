namespace LocalHessian.Optim;

public partial class ScaledSGD
{
    private NonFiniteGradients _nonFiniteGradients;
    private int _busy;

    /// <summary>What a step does about a gradient with NaN or infinity.</summary>
    /// <remarks>
    /// Other choices than <see cref="NonFiniteGradients.Ignore"/> cost a pass over the gradients and, on CUDA, a wait for the
    /// device at every step. With any, a weight that has become non-finite is reported by name at the next step on the CPU if
    /// its norm is needed for the multipliers (closed form, LARS) or a gradient is not finite either (LSALR; all optimizers
    /// with other choices than Ignore), or at the next refresh (measured scales). Not part of the saved state.
    /// </remarks>
    /// <value>The default is <see cref="NonFiniteGradients.Ignore"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">Not a value of the enumeration.</exception>
    public NonFiniteGradients NonFiniteGradients
    {
        get => _nonFiniteGradients;
        set
        {
            DefinedEnum.ThrowUnlessDefined(value, nameof(value));
            _nonFiniteGradients = value;
        }
    }

    /// <summary>How many steps <see cref="NonFiniteGradients.Skip"/> has left out since construction.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Sets the gradients of all parameters to zero, in place.</summary>
    /// <exception cref="ObjectDisposedException">The optimizer has been disposed.</exception>
    /// <exception cref="InvalidOperationException">
    /// A parameter has been disposed, as by <c>model.to(…)</c> after the optimizer was built.
    /// </exception>
    public override void zero_grad()
    {
        ThrowIfDead();
        base.zero_grad();
    }

    /// <summary>
    /// Looks for NaN and infinity in all weights and momenta, on any device: one wait. A step on a device, which it does not
    /// wait for, notices none by itself, except with other choices of <see cref="NonFiniteGradients"/> than Ignore and, of
    /// measured scales, at a refresh.
    /// </summary>
    /// <exception cref="NonFiniteException">One is not finite. The first is named.</exception>
    /// <exception cref="InvalidOperationException">A parameter has been disposed.</exception>
    public void ThrowIfNotFinite()
    {
        ThrowIfDead();
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        var parameters = _parameter_groups.SelectMany(ParametersOf).ToList();
        var momenta = parameters.Where(p => StateOf(p).momentum_buffer is not null).ToList();
        var bad = FiniteChecks.FirstNonFinite([.. parameters, .. momenta.Select(p => StateOf(p).momentum_buffer!)]);
        if (bad < 0) return;
        throw new NonFiniteException(bad < parameters.Count
            ? $"NaN or infinity is in the weight {NameOf(parameters[bad])}. Load the last good state."
            : $"NaN or infinity is in the momentum of the parameter {NameOf(momenta[bad - parameters.Count])}. "
                + "Load the last good state.");
    }

    private bool IsSkipped(List<ParameterUpdate> updates)
    {
        if (_nonFiniteGradients == NonFiniteGradients.Ignore) return false;
        var bad = FiniteChecks.FirstNonFinite(updates.Select(u => u.Gradient).ToList());
        if (bad < 0) return false;
        MultiplierRule.ThrowUnlessWeightsFinite(updates); // if they are the cause, every step would be skipped
        if (_nonFiniteGradients == NonFiniteGradients.Throw)
            throw new NonFiniteException($"The gradient of the parameter {updates[bad].Name} has NaN or infinity. Nothing has "
                + "moved.");
        SkippedSteps++;
        return true;
    }

    /// <summary>Two threads in one optimizer would corrupt memory now and then.</summary>
    private Turn ThrowUnlessAlone()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Interlocked.Exchange(ref _busy, 1) != 0)
            throw new InvalidOperationException(
                "A step of this optimizer, or a load of its state, is still in progress: on another thread, for it is not "
                + "thread-safe, or around this call's closure.");
        return new(this);
    }

    private void ThrowIfDead()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (var group in _parameter_groups)
            foreach (var parameter in ParametersOf(group)) ThrowIfMoved(parameter);
    }

    internal static void ThrowIfMoved(Parameter parameter)
    {
        if (parameter.IsInvalid)
            throw new InvalidOperationException(
                "A parameter of this optimizer has been disposed. model.to(…) builds new parameters: move the model first, "
                + "then create the optimizer.");
    }

    private readonly struct Turn(ScaledSGD optimizer) : IDisposable
    {
        public void Dispose() => Volatile.Write(ref optimizer._busy, 0);
    }
}
