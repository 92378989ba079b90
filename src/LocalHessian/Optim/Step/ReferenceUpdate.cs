namespace LocalHessian.Optim;

/// <summary>
/// Taken for whatever the others do not serve, and the specification that they are held to: the step as MATH §5 writes it,
/// one parameter at a time, one operation a line.
/// </summary>
internal sealed class ReferenceUpdate : IStepKernel
{
    public bool Serves(ParameterUpdate update, double multiplier) => true;

    public void Apply(StepBatch batch, IReadOnlyList<int> group)
    {
        foreach (var i in group) Apply(batch.Updates[i], batch.Values?[i] == 1 ? null : batch.Multipliers[i]);
    }

    /// <summary>A parameter without dimensions would take the multiplier's dtype; others keep theirs.</summary>
    public static Tensor Fit(Tensor multiplier, ParameterUpdate update) =>
        update.Parameter.dim() == 0 ? multiplier.to(update.Parameter.dtype) : multiplier;

    /// <param name="update">Parameter, gradient, momentum buffer and options.</param>
    /// <param name="multiplier">a, a scalar tensor on the parameter's device; null for one.</param>
    private static void Apply(ParameterUpdate update, Tensor? multiplier)
    {
        var (parameter, gradient, state, options) = (update.Parameter, update.Gradient, update.State, update.Options);

        // Named, to keep them alive: the Scalar that a number turns into could else be finalized while its handle is in use.
        using Scalar decay = options.WeightDecay, momentum = options.Momentum, undampened = options.Undampened,
            rate = options.SignedRate;

        var direction = options.WeightDecay == 0 ? gradient : gradient.add(parameter, alpha: decay);
        if (multiplier is not null) direction = direction.mul(Fit(multiplier, update));
        if (options.Momentum != 0)
        {
            if (state.momentum_buffer is { } buffer) buffer.mul_(momentum).add_(direction, alpha: undampened);
            else state.Replace(direction.clone());
            direction = options.Nesterov ? direction.add(state.momentum_buffer!, alpha: momentum) : state.momentum_buffer!;
        }

        parameter.add_(direction, alpha: rate);
    }
}
