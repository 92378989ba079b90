namespace LocalHessian.Optim;

/// <summary>
/// Taken on devices, which it never waits for: the operations of <see cref="ReferenceUpdate"/> in the same order, each for
/// the whole list of a group at once. The multiplication too, for float32 and float64: no list kernel takes a number a tensor
/// that is on the device, so the numbers are repeated, once for each entry. For half precision, whose range they may leave,
/// they are not, and it is launched once a parameter.
/// </summary>
/// <remarks>
/// Of the four ways in <c>benchmarks … device</c> this one copies no gradient. Where a device's launches are cheap beside its
/// memory the one launch a parameter may be faster for large ones: that run shows it.
/// </remarks>
internal sealed class ListedUpdate : IStepKernel
{
    public bool Serves(ParameterUpdate update, double multiplier) => true;

    public void Apply(StepBatch batch, IReadOnlyList<int> group)
    {
        foreach (var list in group.GroupBy(i => batch.Updates[i].State.momentum_buffer is null))
        {
            var indices = list.ToList();
            var moving = indices.ConvertAll(i => batch.Updates[i]);
            var options = moving[0].Options;
            Tensor[] parameters = [.. moving.Select(u => u.Parameter)], gradients = [.. moving.Select(u => u.Gradient)];
            Tensor[] buffers = options.Momentum == 0 ? []
                : [.. moving.Select(u => u.State.momentum_buffer ?? empty_like(u.Parameter))];
            double[] numbers =
            [
                options.Momentum, options.WeightDecay, -options.SignedRate, options.Undampened, options.Nesterov ? 1 : 0,
                list.Key ? 1 : 0,
            ];
            if (CanSpread(batch, indices))
            {
                var multipliers = batch.Multipliers.narrow(0, indices[0], indices.Count);
                var sizes = batch.Sizes.narrow(0, indices[0], indices.Count);
                StepScript.Spread(parameters, buffers, [.. gradients, multipliers, sizes], numbers);
            }
            else
            {
                var all = batch.Multipliers.unbind();
                var multipliers = indices.Select(i => ReferenceUpdate.Fit(all[i], batch.Updates[i]));
                StepScript.Listed(parameters, buffers, [.. gradients, .. multipliers], numbers);
            }

            if (!list.Key) continue;
            foreach (var (update, buffer) in moving.Zip(buffers)) update.State.Replace(buffer);
        }
    }

    private static bool CanSpread(StepBatch batch, List<int> indices)
    {
        var dtype = batch.Updates[indices[0]].Parameter.dtype;
        return dtype is ScalarType.Float32 or ScalarType.Float64 && indices[^1] - indices[0] == indices.Count - 1
            && indices.Select(i => batch.Updates[i].Parameter).All(p => p.dtype == dtype && DenseLayout.IsDense(p));
    }
}
