namespace LocalHessian.Optim;

/// <summary>
/// Parameters that move together, and their multipliers, which are read to the host here and nowhere else, and from no
/// device.
/// </summary>
/// <param name="Updates">The updates, on one device.</param>
/// <param name="Multipliers">a of each, a float64 vector on that device.</param>
/// <param name="HeldSizes">Holds the parameters' sizes on their device from step to step.</param>
internal sealed record StepBatch(IReadOnlyList<ParameterUpdate> Updates, Tensor Multipliers, HeldVector HeldSizes)
{
    /// <summary>a of each on the host; null on a device, which is not waited for.</summary>
    public double[]? Values { get; } = Multipliers.device_type == DeviceType.CPU ? Multipliers.data<double>().ToArray() : null;

    /// <summary>The entries of each parameter, an int64 vector on their device.</summary>
    public Tensor Sizes => HeldSizes.Of([.. Updates.Select(u => (double)u.Parameter.numel())], Multipliers.device);

    /// <summary>Refuses what a rule may have returned by mistake, before the kernels, which do not ask, take it.</summary>
    public static StepBatch Of(MultiplierRule rule, IReadOnlyList<ParameterUpdate> updates, HeldVector heldSizes)
    {
        var multipliers = rule.Multipliers(updates);
        if (multipliers is null || multipliers.dtype != ScalarType.Float64 || multipliers.dim() != 1
            || multipliers.size(0) != updates.Count
            || multipliers.device_type != updates[0].Parameter.device_type)
            throw new InvalidOperationException(
                $"{rule.GetType().Name} returned {(multipliers is null ? "null" : Describe.Tensor(multipliers))} for "
                + $"{updates.Count} parameters; "
                + $"a float64 vector with one multiplier each, on {updates[0].Parameter.device}, is needed.");
        var inRange = FiniteChecks.InRange(multipliers, updates[0].Parameter.dtype);
        return new(updates, inRange.is_contiguous() ? inRange : inRange.contiguous(), heldSizes);
    }
}
