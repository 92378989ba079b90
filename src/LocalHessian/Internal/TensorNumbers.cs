namespace LocalHessian.Internal;

/// <summary>Numbers of tensors, read from their device as float64.</summary>
internal static class TensorNumbers
{
    /// <summary>All entries of a tensor that is contiguous, or of one dimension.</summary>
    public static double[] ToNumbers(this Tensor t)
    {
        using var wide = t.dtype == ScalarType.Float64 ? null : t.to(ScalarType.Float64);
        using var there = (wide ?? t).cpu();
        return there.data<double>().ToArray();
    }

    /// <summary>The only entry.</summary>
    public static double ToNumber(this Tensor scalar)
    {
        using var wide = scalar.to(ScalarType.Float64);
        return wide.item<double>();
    }
}
