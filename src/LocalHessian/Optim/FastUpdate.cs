using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// The step of <see cref="ReferenceUpdate"/> by whatever is fastest where the tensors are: list kernels on a device; on the CPU one pass over
/// memory for each parameter, and the reference for what neither of its two ways serves.
/// </summary>
internal static class FastUpdate
{
    /// <param name="updates">All parameters that move, on one device.</param>
    /// <param name="scales">a of each, a float64 vector on that device.</param>
    public static void Apply(IReadOnlyList<ParameterUpdate> updates, Tensor scales)
    {
        if (scales.device_type != DeviceType.CPU)
        {
            ListedUpdate.Apply(updates, scales);
            return;
        }

        var values = scales.data<double>().ToArray();
        var (small, fused, others) = (new List<int>(values.Length), new List<int>(values.Length), new List<int>());
        for (var i = 0; i < values.Length; i++)
            (SmallUpdate.Serves(updates[i], values[i]) ? small : FusedUpdate.Serves(updates[i], values[i]) ? fused : others).Add(i);

        foreach (var group in ByOptions(updates, fused)) FusedUpdate.Apply(updates, values, group);
        foreach (var group in ByOptions(updates, small)) SmallUpdate.Apply(updates, values, group);
        foreach (var i in others) ReferenceUpdate.Apply(updates[i], values[i] == 1 ? null : scales[i]);
    }

    /// <summary>Runs of one group's parameters, which follow one another.</summary>
    private static IEnumerable<List<int>> ByOptions(IReadOnlyList<ParameterUpdate> updates, List<int> indices)
    {
        for (var from = 0; from < indices.Count;)
        {
            var to = from + 1;
            while (to < indices.Count && ReferenceEquals(updates[indices[to]].Options, updates[indices[from]].Options)) to++;
            yield return indices[from..to];
            from = to;
        }
    }
}
