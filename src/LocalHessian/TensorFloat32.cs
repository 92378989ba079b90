namespace LocalHessian;

/// <summary>
/// Whether the analysis may compute float32 products on CUDA in TensorFloat-32, whose 10 bits of mantissa err by about 1e-3.
/// libtorch allows it to convolutions by default; thresholds of rank, symmetry and convergence here are made from float32's
/// 2⁻²³.
/// </summary>
public static class TensorFloat32
{
    /// <summary>
    /// Whether recording, differentiation and products of operators keep the caller's
    /// <c>torch.backends.cuda.matmul.allow_tf32</c> and <c>torch.backends.cudnn.allow_tf32</c>; else both are off inside and
    /// as before afterwards, also after an error. Training itself, the caller's forward and backward pass, is never touched.
    /// The two flags belong to the process: other threads meanwhile see them off.
    /// </summary>
    /// <value>The default is false.</value>
    public static bool AllowedInAnalysis
    {
        get => FullPrecisionScope.IsOff;
        set => FullPrecisionScope.IsOff = value;
    }
}
