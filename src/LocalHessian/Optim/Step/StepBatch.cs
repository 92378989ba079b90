using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>
/// Parameters that move together, and their multipliers, which are read to the host here and nowhere else, and from no
/// device.
/// </summary>
/// <param name="Updates">The updates, on one device.</param>
/// <param name="Multipliers">a of each, a float64 vector on that device.</param>
internal sealed record StepBatch(IReadOnlyList<ParameterUpdate> Updates, Tensor Multipliers)
{
    /// <summary>a of each on the host; null on a device, which is not waited for.</summary>
    public double[]? Values { get; } = Multipliers.device_type == DeviceType.CPU ? Multipliers.data<double>().ToArray() : null;

    /// <summary>Refuses what a rule may have returned by mistake, before the kernels, which do not ask, take it.</summary>
    public static StepBatch Of(MultiplierRule rule, IReadOnlyList<ParameterUpdate> updates)
    {
        var multipliers = rule.Multipliers(updates);
        if (multipliers is null || multipliers.dtype != ScalarType.Float64 || multipliers.dim() != 1
            || multipliers.size(0) != updates.Count
            || multipliers.device_type != updates[0].Parameter.device_type)
            throw new InvalidOperationException(
                $"{rule.GetType().Name} returned {(multipliers is null ? "null" : Internal.Describe.Tensor(multipliers))} for "
                    + $"{updates.Count} parameters; "
                + $"a float64 vector with one multiplier each, on {updates[0].Parameter.device}, is needed.");
        return new(updates, multipliers.is_contiguous() ? multipliers : multipliers.contiguous());
    }
}
