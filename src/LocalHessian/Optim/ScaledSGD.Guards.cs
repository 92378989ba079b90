using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

public abstract partial class ScaledSGD
{
    private NonFiniteGradients _nonFiniteGradients;

    /// <summary>What a step does about a gradient with NaN or infinity.</summary>
    /// <remarks>
    /// Other choices than <see cref="NonFiniteGradients.Ignore"/> cost a pass over the gradients and, on CUDA, a wait for the device at every
    /// step. With any, a weight that has become non-finite is reported by name at the next step on the CPU if its norm is
    /// needed for the factors (closed form, LARS) or a gradient is not finite either (LSALR; all optimizers with other choices than Ignore), or at
    /// the next refresh (measured scales).
    /// Not part of the saved state.
    /// </remarks>
    /// <value>The default is <see cref="NonFiniteGradients.Ignore"/>.</value>
    /// <exception cref="ArgumentOutOfRangeException">Not a value of the enumeration.</exception>
    public NonFiniteGradients NonFiniteGradients
    {
        get => _nonFiniteGradients;
        set
        {
            Arguments.Defined(value, nameof(value));
            _nonFiniteGradients = value;
        }
    }

    /// <summary>How many steps <see cref="NonFiniteGradients.Skip"/> has left out since construction.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Sets the gradients of all parameters to zero, in place.</summary>
    /// <exception cref="ObjectDisposedException">The optimizer has been disposed.</exception>
    /// <exception cref="InvalidOperationException">A parameter has been disposed, as by <c>model.to(…)</c> after the optimizer was built.</exception>
    public override void zero_grad()
    {
        ThrowIfDead();
        base.zero_grad();
    }

    private bool IsSkipped(List<ParameterUpdate> updates)
    {
        if (_nonFiniteGradients == NonFiniteGradients.Ignore) return false;
        var bad = FiniteChecks.FirstNonFinite(updates.Select(u => u.Gradient).ToList());
        if (bad < 0) return false;
        RequireFiniteWeights(updates); // if they are the cause, every step would be skipped
        if (_nonFiniteGradients == NonFiniteGradients.Throw)
            throw new NonFiniteException($"The gradient of the parameter {NameOf(updates[bad].Parameter)} has NaN or infinity. Nothing has moved.");
        SkippedSteps++;
        return true;
    }

    /// <summary>Names, on the CPU, weights that are not finite; asked where a gradient is not.</summary>
    private protected void RequireFiniteWeights(List<ParameterUpdate> updates)
    {
        using var norms = Norms.Of([.. updates.Select(u => u.Parameter)]);
        FiniteChecks.RequireFinite(norms, i => NameOf(updates[i].Parameter));
    }

    private void ThrowIfDead()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        foreach (var group in _parameter_groups)
            foreach (var parameter in group.Parameters) ThrowIfMoved(parameter);
    }

    private protected static void ThrowIfMoved(Parameter parameter)
    {
        if (parameter.IsInvalid)
            throw new InvalidOperationException(
                "A parameter of this optimizer has been disposed. model.to(…) builds new parameters: move the model first, then create the optimizer.");
    }

    private static SGD.Options OptionsOf(ParamGroup group)
    {
        var options = group.Options as SGD.Options
            ?? throw new InvalidOperationException($"The options of a group have been replaced by {group.Options?.GetType().FullName ?? "null"}; SGD's are needed.");
        Arguments.Check(options);
        return options;
    }

    private SGDState StateOf(Parameter parameter) => _state.TryGetValue(parameter.Handle, out var state)
        ? (SGDState)state
        : throw new InvalidOperationException($"The parameter {NameOf(parameter)} has been put into a group past add_param_group; add a group for it instead.");
}
