using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// Taken on devices, which it never waits for: the operations of <see cref="ReferenceUpdate"/> in the same order, each for
/// the whole list of a group at once. Only the multiplication has no list kernel for multipliers that are on the device,
/// and is launched once a parameter.
/// </summary>
internal sealed class ListedUpdate : IStepKernel
{
    public bool Serves(ParameterUpdate update, double multiplier) => true;

    public void Apply(StepBatch batch, IReadOnlyList<int> group)
    {
        var multipliers = batch.Multipliers.unbind();
        var options = batch.Updates[group[0]].Options;
        foreach (var list in group.GroupBy(i => batch.Updates[i].State.momentum_buffer is null))
        {
            var (first, moving) = (list.Key, list.Select(i => batch.Updates[i]).ToList());
            Tensor[] buffers = options.Momentum == 0 ? []
                : [.. moving.Select(u => u.State.momentum_buffer ?? empty_like(u.Parameter))];
            StepScript.Listed(
                [.. moving.Select(u => u.Parameter)],
                buffers,
                [.. moving.Select(u => u.Gradient), .. list.Select(i => ReferenceUpdate.Fit(multipliers[i], batch.Updates[i]))],
                [options.Momentum, options.WeightDecay, -options.SignedRate, options.Undampened, options.Nesterov ? 1 : 0, first
                    ? 1 : 0]);
            foreach (var (update, buffer) in moving.Zip(buffers))
            {
                if (first) update.State.Replace(buffer);
            }
        }
    }
}
