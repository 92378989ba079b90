namespace LocalHessian.Internal;

/// <summary>Facts about floating-point types.</summary>
internal static class Precision
{
    /// <summary>Distance from one to the next number.</summary>
    public static double Epsilon(ScalarType dtype) => dtype switch
    {
        ScalarType.Float64 => Math.ScaleB(1, -52),
        ScalarType.Float32 => Math.ScaleB(1, -23),
        ScalarType.Float16 => Math.ScaleB(1, -10),
        ScalarType.BFloat16 => Math.ScaleB(1, -7),
        _ => throw new ArgumentException($"{dtype} is not a real floating-point type.", nameof(dtype)),
    };

    /// <summary>The type to compute in: half precision has neither the range nor the routines.</summary>
    public static ScalarType Working(ScalarType dtype) =>
        dtype is ScalarType.Float16 or ScalarType.BFloat16 ? ScalarType.Float32 : dtype;
}
