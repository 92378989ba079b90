using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// The step on the CPU in one pass over memory, by the fused SGD kernel. The factor enters as its dampening, 1 − a(1 − d), and the first
/// step starts from a momentum of zeros.
/// </summary>
/// <remarks>
/// What the kernel cannot do to the last place goes to <see cref="ReferenceUpdate"/>: 1 − (1 − a) is exact for a of float32 precision down
/// to 2⁻³⁰, never for float64; half precision would round v before its use; Nesterov's direction lacks the factor; and the factor one
/// must give the bits of torch.optim.SGD.
/// </remarks>
internal static class FusedUpdate
{
    private const double Smallest = 1.0 / (1 << 30);

    public static void Apply(IReadOnlyList<ParameterUpdate> updates, Tensor scales)
    {
        var values = scales.data<double>().ToArray();
        var fused = new List<int>(values.Length);
        for (var i = 0; i < values.Length; i++)
        {
            if (Serves(updates[i], values[i])) fused.Add(i);
        }

        if (fused.Count > 0) Run(updates, values, fused);
        if (fused.Count == values.Length) return;
        var (scale, next) = (scales.unbind(), 0);
        for (var i = 0; i < values.Length; i++)
        {
            if (next < fused.Count && fused[next] == i) next++;
            else ReferenceUpdate.Apply(updates[i], scale[i]);
        }
    }

    private static void Run(IReadOnlyList<ParameterUpdate> updates, double[] scales, List<int> fused)
    {
        var n = fused.Count;
        var (tensors, numbers) = (new Tensor[3 * n], new double[4 * n]);
        for (var k = 0; k < n; k++)
        {
            var (parameter, gradient, state, options) = updates[fused[k]];
            var (momentum, rate, scale) = (options.momentum!.Value, options.LearningRate!.Value, scales[fused[k]]);
            if (options.maximize!.Value) rate = -rate;
            (tensors[k], tensors[n + k]) = (parameter, gradient);
            tensors[2 * n + k] = momentum == 0 ? parameter : state.momentum_buffer ?? zeros_like(parameter);
            numbers[4 * k] = momentum;
            numbers[4 * k + 1] = options.weight_decay!.Value;
            numbers[4 * k + 2] = momentum == 0 ? rate * scale : rate;
            numbers[4 * k + 3] = 1 - Weight(updates[fused[k]], scale);
        }

        StepScript.Fused(tensors, numbers);
        for (var k = 0; k < n; k++)
        {
            var (_, _, state, options) = updates[fused[k]];
            if (options.momentum != 0 && state.momentum_buffer is null) state.Replace(tensors[2 * n + k]);
        }
    }

    private static bool Serves(ParameterUpdate update, double scale)
    {
        var (parameter, gradient, state, options) = update;
        if (parameter.dtype != ScalarType.Float32 || scale == 1) return false;
        if (options.momentum == 0) return DenseLayout.Shared(parameter, gradient, null);
        var weight = Weight(update, scale);
        return !options.nesterov!.Value && weight >= Smallest && weight <= float.MaxValue && DenseLayout.Shared(parameter, gradient, state.momentum_buffer);
    }

    /// <summary>What multiplies g + λw on its way into v, in the kernel's precision, so that 1 minus it loses nothing.</summary>
    private static double Weight(ParameterUpdate update, double scale) =>
        (float)(update.State.momentum_buffer is null ? scale : scale * (1 - update.Options.dampening!.Value));
}
