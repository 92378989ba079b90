using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>The step of <see cref="ReferenceUpdate"/> by the framework's fused and list kernels, chosen by where the tensors are.</summary>
internal static class FastUpdate
{
    /// <param name="updates">All parameters that move, on one device.</param>
    /// <param name="scales">a of each, a float64 vector on that device.</param>
    public static void Apply(IReadOnlyList<ParameterUpdate> updates, Tensor scales)
    {
        if (scales.device_type == DeviceType.CPU) FusedUpdate.Apply(updates, scales);
        else ListedUpdate.Apply(updates, scales);
    }
}
