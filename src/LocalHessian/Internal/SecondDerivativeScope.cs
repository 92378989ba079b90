using static TorchSharp.torch;

namespace LocalHessian.Internal;

/// <summary>
/// Records attention so that it can be differentiated twice: the flash kernels of <c>scaled_dot_product_attention</c>, which
/// libtorch takes on the CPU too, have no second derivative. Disposing allows them again where they were allowed.
/// </summary>
internal sealed class SecondDerivativeScope : IDisposable
{
    private readonly bool _flash = backends.cuda.flash_sdp_enabled();

    public SecondDerivativeScope() => backends.cuda.enable_flash_sdp(false);

    public void Dispose() => backends.cuda.enable_flash_sdp(_flash);
}
