namespace LocalHessian.Optim;

/// <summary>
/// Numbers that have left a dtype's range, found on the host: by norms where they are on the CPU anyway, by a pass where it
/// is asked for.
/// </summary>
internal static class FiniteChecks
{
    /// <summary>Index of the first tensor with NaN or infinity, or −1. One pass over each, and one wait for the device.</summary>
    public static int FirstNonFinite(IReadOnlyList<Tensor> tensors)
    {
        // The largest magnitude passes NaN on and, unlike a sum, cannot overflow.
        if (tensors[0].device_type != DeviceType.CPU)
        {
            var some = Enumerable.Range(0, tensors.Count).Where(i => tensors[i].numel() > 0).ToArray();
            if (some.Length == 0) return -1;
            var found = FirstNonFinite(ListKernels.Largest([.. some.Select(i => tensors[i])]));
            return found < 0 ? -1 : some[found];
        }

        var largest = stack(tensors.Select(t => t.numel() == 0 ? zeros([], ScalarType.Float64, t.device)
            : t.norm(float.PositiveInfinity).to(ScalarType.Float64)).ToArray());
        return FirstNonFinite(largest);
    }

    private static int FirstNonFinite(Tensor largest) => Array.FindIndex(largest.ToNumbers(), v => !double.IsFinite(v));

    /// <summary>
    /// Norms that the squares of the tensor's dtype may have spoiled, replaced by those in float64 and without squares out of
    /// range.
    /// </summary>
    /// <param name="norms">Norms, float64 values of sums in each tensor's own precision, at least float32.</param>
    /// <param name="tensors">The tensors.</param>
    public static void Recompute(double[] norms, IReadOnlyList<Tensor> tensors)
    {
        for (var i = 0; i < norms.Length; i++)
        {
            var precise = tensors[i].dtype == ScalarType.Float64;
            if (norms[i] <= (precise ? 1e-140 : 1e-12) || !double.IsFinite(norms[i])) norms[i] = SafeNorm(tensors[i]);
        }
    }

    /// <summary>Whether norms on the CPU are not all finite. Those on a device are not waited for.</summary>
    public static bool ShowsNonFinite(Tensor norms) =>
        norms.device_type == DeviceType.CPU && !Array.TrueForAll(norms.ToNumbers(), double.IsFinite);

    /// <summary>Refuses, on the CPU, norms of weights that are not finite.</summary>
    public static void ThrowUnlessFinite(Tensor norms, Func<int, string> name)
    {
        if (norms.device_type == DeviceType.CPU) ThrowUnlessFinite(norms.ToNumbers(), name);
    }

    /// <summary>Refuses norms of weights, or their squares, that are not finite.</summary>
    public static void ThrowUnlessFinite(double[] norms, Func<int, string> name)
    {
        if (Array.TrueForAll(norms, double.IsFinite)) return;
        var names = Enumerable.Range(0, norms.Length).Where(i => !double.IsFinite(norms[i])).Select(name).ToList();
        throw new NonFiniteException(
            $"NaN or infinity is in the weight {string.Join(", ", names)}, from an earlier step or from outside. Load the "
            + "last good state; a lower rate, clipped gradients or "
            + $"{nameof(NonFiniteGradients)}.{nameof(NonFiniteGradients.Throw)} may keep it from happening.");
    }

    /// <summary>
    /// On a device, which is not waited for, zero in place of a multiplier that float32 would turn into infinity: the weight
    /// is far too large, and its gradient is left out.
    /// </summary>
    public static Tensor InRange(Tensor multipliers, ScalarType dtype)
    {
        if (multipliers.device_type == DeviceType.CPU || dtype == ScalarType.Float64) return multipliers;
        using Scalar greatest = (double)float.MaxValue;
        return where(multipliers.gt(greatest), zeros_like(multipliers), multipliers);
    }

    /// <summary>Refuses, on the CPU, a multiplier that the arithmetic of its parameter's dtype would turn into infinity or into
    /// zero.</summary>
    public static void ThrowUnlessInRange(StepBatch batch)
    {
        if (batch.Values is not { } values) return;
        for (var i = 0; i < values.Length; i++)
        {
            var parameter = batch.Updates[i].Parameter;
            var (smallest, largest) = parameter.dtype == ScalarType.Float64 ? (2.3e-308, double.MaxValue)
                : (1.2e-38, (double)float.MaxValue);
            if (values[i] >= smallest && values[i] <= largest) continue;
            // a normalised weight of zero norm has the multiplier zero
            if (values[i] == 0 && parameter.count_nonzero().item<long>() == 0) continue;
            throw new NonFiniteException(
                $"The multiplier {values[i]:g3} of the parameter {batch.Updates[i].Name} is out of the range of "
                + $"{parameter.dtype}'s arithmetic: the weight is far too large or too small. Rescale it, or train in "
                + "float64.");
        }
    }

    private static double SafeNorm(Tensor t)
    {
        using var scope = NewDisposeScope();
        var wide = t.to(ScalarType.Float64);
        var largest = wide.numel() == 0 ? 0 : wide.norm(float.PositiveInfinity).item<double>();
        return largest == 0 || !double.IsFinite(largest) ? largest : largest * (wide / largest).norm().item<double>();
    }
}
