namespace LocalHessian.Internal;

/// <summary>
/// Records attention so that it can be differentiated twice: the flash kernels of <c>scaled_dot_product_attention</c>, which
/// libtorch takes on the CPU too, have no second derivative. Scopes nest, on any threads: the first forbids the kernels, and the
/// last allows them again where they were allowed.
/// </summary>
internal sealed class SecondDerivativeScope : IDisposable
{
    private static readonly object Gate = new();
    private static int s_open;
    private static bool s_before;

    public SecondDerivativeScope()
    {
        lock (Gate)
        {
            if (s_open++ > 0) return;
            s_before = backends.cuda.flash_sdp_enabled();
            backends.cuda.enable_flash_sdp(false);
        }
    }

    public void Dispose()
    {
        lock (Gate)
        {
            if (--s_open == 0) backends.cuda.enable_flash_sdp(s_before);
        }
    }
}
