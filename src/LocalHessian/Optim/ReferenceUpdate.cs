using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>The step as MATH §5 writes it, one parameter at a time, one operation a line.</summary>
internal static class ReferenceUpdate
{
    /// <param name="update">Parameter, gradient, momentum buffer and options.</param>
    /// <param name="scale">a, a scalar tensor on the parameter's device; null for one.</param>
    public static void Apply(ParameterUpdate update, Tensor? scale)
    {
        var (parameter, gradient, state, options) = update;
        double momentum = options.momentum!.Value, decay = options.weight_decay!.Value, rate = options.LearningRate!.Value;

        // Named, to keep them alive: the Scalar that a number turns into could else be finalized while its handle is in use.
        using Scalar decayed = decay, carried = momentum, added = 1 - options.dampening!.Value, moved = options.maximize!.Value ? rate : -rate;

        var direction = decay == 0 ? gradient : gradient.add(parameter, alpha: decayed);
        if (scale is not null) direction = direction.mul(Fit(scale, update));
        if (momentum != 0)
        {
            if (state.momentum_buffer is { } buffer) buffer.mul_(carried).add_(direction, alpha: added);
            else state.Replace(direction.clone());
            direction = options.nesterov!.Value ? direction.add(state.momentum_buffer!, alpha: carried) : state.momentum_buffer!;
        }

        parameter.add_(direction, alpha: moved);
    }

    /// <summary>A parameter without dimensions would take the factor's dtype; others keep theirs.</summary>
    public static Tensor Fit(Tensor scale, ParameterUpdate update) => update.Parameter.dim() == 0 ? scale.to(update.Parameter.dtype) : scale;
}
