namespace LocalHessian.Internal;

/// <summary>
/// Keeps CUDA's float32 products at float32 until disposed, unless <see cref="TensorFloat32"/> allows less. Scopes nest, on
/// any threads: the first switches TensorFloat-32 off, the last puts both flags back.
/// </summary>
internal sealed class FullPrecisionScope : IDisposable
{
    private static readonly object Gate = new();
    private static int s_open;
    private static (bool Products, bool Convolutions) s_before;
    private readonly bool _entered = !IsOff;

    public FullPrecisionScope()
    {
        if (!_entered) return;
        lock (Gate)
        {
            if (s_open++ > 0) return;
            s_before = (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32);
            Set(false, false);
        }
    }

    /// <summary>Whether scopes do nothing.</summary>
    public static bool IsOff { get; set; }

    public void Dispose()
    {
        if (!_entered) return;
        lock (Gate)
        {
            if (--s_open == 0) Set(s_before.Products, s_before.Convolutions);
        }
    }

    private static void Set(bool products, bool convolutions) =>
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (products, convolutions);
}
