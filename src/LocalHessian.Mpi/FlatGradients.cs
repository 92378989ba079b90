using static TorchSharp.torch;

namespace LocalHessian.Mpi;

/// <summary>Gradients that lie one behind the other in memory, so that they are summed over ranks where they are.</summary>
public static class FlatGradients
{
    /// <summary>
    /// Gives each parameter a gradient of zeros that is a part of one piece of memory a dtype; backward passes and
    /// <c>zero_grad</c> keep it.
    /// </summary>
    /// <param name="network">A network on the CPU. Parameters with <c>requires_grad</c> false are left alone, as are those of
    /// other dtypes than float32 and float64.</param>
    /// <remarks>
    /// Saves two copies of all gradients a step, and costs nothing else. A parameter that the loss does not reach then has a
    /// gradient of zeros instead of none, and so is subject to decay and momentum: leave those frozen.
    /// </remarks>
    public static void Assign(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var ungraded = no_grad();
        var movable = network.parameters().Where(p => p.requires_grad && p.device_type == TorchSharp.DeviceType.CPU);
        foreach (var group in movable.GroupBy(p => p.dtype).Where(g => g.Key is ScalarType.Float32 or ScalarType.Float64))
        {
            using var flat = zeros(group.Sum(p => p.numel()), group.Key, CPU);
            var at = 0L;
            foreach (var parameter in group)
            {
                using var part = flat.narrow(0, at, parameter.numel());
                using var shaped = part.view(parameter.shape);
                parameter.grad = shaped;
                at += parameter.numel();
            }
        }
    }
}
