namespace LocalHessian.Optim;

/// <summary>
/// Taken for the other float32 parameters on the CPU that lie dense in memory: one pass over memory by the fused SGD kernel.
/// The multiplier enters as its dampening, 1 − a(1 − d), and the first step starts from a momentum of zeros.
/// </summary>
/// <remarks>
/// What the kernel cannot do to the last place it does not serve: 1 − (1 − a) is exact for a of float32 precision down
/// to 2⁻³⁰, never for float64; half precision would round v before its use; Nesterov's direction lacks the multiplier; and
/// the multiplier one must give the bits of torch.optim.SGD.
/// </remarks>
internal sealed class FusedUpdate : IStepKernel
{
    private const double Smallest = 1.0 / (1 << 30);

    public bool Serves(ParameterUpdate update, double multiplier)
    {
        var (parameter, gradient, options) = (update.Parameter, update.Gradient, update.Options);
        if (parameter.dtype != ScalarType.Float32 || multiplier == 1) return false;
        if (options.Momentum == 0) return DenseLayout.Shared(parameter, gradient, null);
        var weight = Weight(update, multiplier);
        return !options.Nesterov && weight >= Smallest && weight <= float.MaxValue
            && DenseLayout.Shared(parameter, gradient, update.State.momentum_buffer);
    }

    public void Apply(StepBatch batch, IReadOnlyList<int> group)
    {
        var (n, options, values) = (group.Count, batch.Updates[group[0]].Options, batch.Values!);
        var (tensors, numbers) = (new Tensor[3 * n], new double[3 + n]);
        (numbers[0], numbers[1], numbers[2]) = (options.Momentum, options.WeightDecay, -options.SignedRate);
        for (var k = 0; k < n; k++)
        {
            var i = group[n - 1 - k]; // the norms have just been read in order: the last weights are still in the cache
            var update = batch.Updates[i];
            (tensors[k], tensors[n + k]) = (update.Parameter, update.Gradient);
            tensors[2 * n + k] = options.Momentum == 0 ? update.Parameter : update.State.momentum_buffer
                ?? zeros_like(update.Parameter);
            numbers[3 + k] = options.Momentum == 0 ? values[i] : 1 - Weight(update, values[i]);
        }

        StepScript.Fused(tensors, numbers);
        if (options.Momentum == 0) return;
        for (var k = 0; k < n; k++)
        {
            var state = batch.Updates[group[n - 1 - k]].State;
            if (state.momentum_buffer is null) state.Replace(tensors[2 * n + k]);
        }
    }

    /// <summary>What multiplies g + λw on its way into v, in the kernel's precision, so that 1 minus it loses nothing.</summary>
    private static double Weight(ParameterUpdate update, double multiplier) =>
        (float)(update.State.momentum_buffer is null ? multiplier : multiplier * update.Options.Undampened);
}
