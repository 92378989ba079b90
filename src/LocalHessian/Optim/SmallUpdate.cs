using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// The step of small float32 parameters on the CPU: v by <see cref="SmallTensor"/>, then all weights by one list kernel, so that
/// autograd counts their change.
/// </summary>
internal static class SmallUpdate
{
    private const long Elements = 8192;

    /// <remarks>The factor one must give the bits of torch.optim.SGD, and Nesterov's direction is another.</remarks>
    public static bool Serves(ParameterUpdate update, double scale)
    {
        var (parameter, gradient, state, options) = update;
        return parameter.dtype == ScalarType.Float32 && scale != 1 && options.momentum != 0 && !options.nesterov!.Value
            && SmallTensor.IsSmall(parameter, Elements) && gradient.is_contiguous() && (state.momentum_buffer?.is_contiguous() ?? true);
    }

    /// <param name="updates">All parameters that move.</param>
    /// <param name="scales">a of each.</param>
    /// <param name="group">Indices of parameters that this serves, of one group.</param>
    public static void Apply(IReadOnlyList<ParameterUpdate> updates, double[] scales, IReadOnlyList<int> group)
    {
        var options = updates[group[0]].Options;
        var (momentum, decay, kept) = ((float)options.momentum!.Value, (float)options.weight_decay!.Value, 1 - options.dampening!.Value);
        var (weights, buffers) = (new Tensor[group.Count], new Tensor[group.Count]);
        for (var k = 0; k < group.Count; k++)
        {
            var (parameter, gradient, state, _) = updates[group[k]];
            var factor = (float)(state.momentum_buffer is null ? scales[group[k]] : scales[group[k]] * kept);
            if (state.momentum_buffer is null) state.Replace(zeros_like(parameter));
            (weights[k], buffers[k]) = (parameter, state.momentum_buffer!);
            SmallTensor.Carry(state.momentum_buffer!, gradient, parameter, momentum, decay, factor);
        }

        StepScript.Move(weights, buffers, options.maximize!.Value ? options.LearningRate!.Value : -options.LearningRate!.Value);
    }
}
