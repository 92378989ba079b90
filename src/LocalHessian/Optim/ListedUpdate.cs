using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// The step by list kernels, which never waits for the device: the operations of <see cref="ReferenceUpdate"/> in the same order, each for
/// the whole list of a group at once. Only the multiplication by the factor has no list kernel for factors that are on the device,
/// and is launched once a parameter.
/// </summary>
internal static class ListedUpdate
{
    public static void Apply(IReadOnlyList<ParameterUpdate> updates, Tensor scales)
    {
        var scale = scales.unbind();
        var lists = Enumerable.Range(0, updates.Count).GroupBy(i => (updates[i].Options, First: updates[i].State.momentum_buffer is null)).ToList();
        foreach (var list in lists)
        {
            var (options, first) = list.Key;
            var momentum = options.momentum!.Value;
            var moving = list.Select(i => updates[i]).ToList();
            Tensor[] buffers = momentum == 0 ? [] : [.. moving.Select(u => u.State.momentum_buffer ?? empty_like(u.Parameter))];
            var rate = options.LearningRate!.Value;
            StepScript.Listed(
                [.. moving.Select(u => u.Parameter)],
                buffers,
                [.. moving.Select(u => u.Gradient), .. list.Select(i => ReferenceUpdate.Fit(scale[i], updates[i]))],
                [
                    momentum, options.weight_decay!.Value, options.maximize!.Value ? -rate : rate, 1 - options.dampening!.Value,
                    options.nesterov!.Value ? 1 : 0, first ? 1 : 0,
                ]);
            foreach (var (update, buffer) in moving.Zip(buffers))
            {
                if (first) update.State.Replace(buffer);
            }
        }
    }
}
