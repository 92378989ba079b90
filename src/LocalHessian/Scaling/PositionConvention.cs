namespace LocalHessian.Scaling;

/// <summary>
/// Which output the sharing count <c>s</c> and the position ratio <c>c</c> of a block are read from (C.1; MATH §4).
/// </summary>
public enum PositionConvention
{
    /// <summary>
    /// <c>s</c> and <c>c</c> from the block's output, after its pooling. The default, and the one that telescopes (MATH §6).
    /// </summary>
    BlockOutput,

    /// <summary>
    /// <c>s</c> from the convolution's own output, before pooling; <c>c</c> from the block's output, with the pooling.
    /// </summary>
    LayerSharing,

    /// <summary><c>s</c> and <c>c</c> both from the convolution's own output, before pooling.</summary>
    LayerOutput,
}
