using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// The step on the CPU in one pass over memory, by the fused SGD kernel. The factor enters as its dampening, 1 − a(1 − d), and the first
/// step starts from a momentum of zeros.
/// </summary>
/// <remarks>
/// What the kernel cannot do to the last place it does not serve: 1 − (1 − a) is exact for a of float32 precision down
/// to 2⁻³⁰, never for float64; half precision would round v before its use; Nesterov's direction lacks the factor; and the factor one
/// must give the bits of torch.optim.SGD.
/// </remarks>
internal static class FusedUpdate
{
    private const double Smallest = 1.0 / (1 << 30);

    public static bool Serves(ParameterUpdate update, double scale)
    {
        var (parameter, gradient, state, options) = update;
        if (parameter.dtype != ScalarType.Float32 || scale == 1) return false;
        if (options.momentum == 0) return DenseLayout.Shared(parameter, gradient, null);
        var weight = Weight(update, scale);
        return !options.nesterov!.Value && weight >= Smallest && weight <= float.MaxValue && DenseLayout.Shared(parameter, gradient, state.momentum_buffer);
    }

    /// <param name="updates">All parameters that move.</param>
    /// <param name="scales">a of each.</param>
    /// <param name="group">Indices of parameters that this serves, of one group.</param>
    public static void Apply(IReadOnlyList<ParameterUpdate> updates, double[] scales, IReadOnlyList<int> group)
    {
        var (n, options) = (group.Count, updates[group[0]].Options);
        var (momentum, rate) = (options.momentum!.Value, options.LearningRate!.Value);
        var (tensors, numbers) = (new Tensor[3 * n], new double[3 + n]);
        (numbers[0], numbers[1], numbers[2]) = (momentum, options.weight_decay!.Value, options.maximize!.Value ? -rate : rate);
        for (var k = 0; k < n; k++)
        {
            var i = group[n - 1 - k]; // the norms have just been read in order: the last weights are still in the cache
            var (parameter, gradient, state, _) = updates[i];
            (tensors[k], tensors[n + k]) = (parameter, gradient);
            tensors[2 * n + k] = momentum == 0 ? parameter : state.momentum_buffer ?? zeros_like(parameter);
            numbers[3 + k] = momentum == 0 ? scales[i] : 1 - Weight(updates[i], scales[i]);
        }

        StepScript.Fused(tensors, numbers);
        if (momentum == 0) return;
        for (var k = 0; k < n; k++)
        {
            var state = updates[group[n - 1 - k]].State;
            if (state.momentum_buffer is null) state.Replace(tensors[2 * n + k]);
        }
    }

    /// <summary>What multiplies g + λw on its way into v, in the kernel's precision, so that 1 minus it loses nothing.</summary>
    private static double Weight(ParameterUpdate update, double scale) =>
        (float)(update.State.momentum_buffer is null ? scale : scale * (1 - update.Options.dampening!.Value));
}
