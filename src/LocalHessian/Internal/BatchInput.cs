namespace LocalHessian.Internal;

/// <summary>What a network or a block is run on.</summary>
internal static class BatchInput
{
    /// <summary>Refuses what is no batch: integers of one dimension (tokens), or numbers of two, finite; not empty.</summary>
    public static void ThrowUnlessBatch(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() < (input.is_floating_point() ? 2 : 1) || input.numel() == 0)
            throw new ArgumentException(
                $"The input has shape {Describe.Shape(input)}; a batch with at least one sample is needed, batch dimension "
                + "first.", nameof(input));
        Finite.ThrowUnless(input, "The input", nameof(input));
    }
}
