namespace LocalHessian.Optim;

/// <summary>
/// Taken for small float32 parameters on the CPU: v by <see cref="SmallTensor"/>, then all weights by one list kernel, so that
/// autograd counts their change.
/// </summary>
internal sealed class SmallUpdate : IStepKernel
{
    private const long Elements = 8192;

    /// <remarks>The multiplier one must give the bits of torch.optim.SGD, and Nesterov's direction is another.</remarks>
    public bool Serves(ParameterUpdate update, double multiplier)
    {
        var parameter = update.Parameter;
        return parameter.dtype == ScalarType.Float32 && multiplier != 1 && update.Options is { Momentum: not 0, Nesterov: false }
            && SmallTensor.IsSmall(parameter, Elements) && update.Gradient.is_contiguous()
            && (update.State.momentum_buffer?.is_contiguous() ?? true);
    }

    public void Apply(StepBatch batch, IReadOnlyList<int> group)
    {
        var options = batch.Updates[group[0]].Options;
        var (momentum, decay) = ((float)options.Momentum, (float)options.WeightDecay);
        var (weights, buffers) = (new Tensor[group.Count], new Tensor[group.Count]);
        for (var k = 0; k < group.Count; k++)
        {
            var (update, multiplier) = (batch.Updates[group[k]], batch.Values![group[k]]);
            var (parameter, state) = (update.Parameter, update.State);
            var share = (float)(state.momentum_buffer is null ? multiplier : multiplier * options.Undampened);
            if (state.momentum_buffer is null) state.Replace(zeros_like(parameter));
            (weights[k], buffers[k]) = (parameter, state.momentum_buffer!);
            SmallTensor.Accumulate(state.momentum_buffer!, update.Gradient, parameter, momentum, decay, share);
        }

        StepScript.Move(weights, buffers, options.SignedRate);
    }
}
