namespace LocalHessian;

public sealed partial class NetworkCurvature
{
    /// <summary>
    /// K-FAC: <c>A ⊗ S</c> for each linear layer or convolution, <c>A</c> the second moment of its inputs, with a one for the
    /// bias, and <c>S</c> that of the gradients with respect to its outputs (Martens and Grosse 2015; convolutions: Grosse and
    /// Martens 2016).
    /// </summary>
    /// <param name="options">Which Fisher matrix, draws, positions; null for the defaults.</param>
    /// <param name="progress">Told batch by batch; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one batch.</param>
    /// <returns>An operator over all chosen parameters that owns its factors.</returns>
    /// <remarks>
    /// The Fisher matrix' block itself for one sample without shared weights, and, of type I, for a network of linear layers
    /// and the squared error. For other losses than the named ones only <see cref="KroneckerFisher.Empirical"/> serves.
    /// </remarks>
    /// <exception cref="NotSupportedException">
    /// A chosen parameter is of another kind of layer (grouped and transposed convolutions too), shared by several layers, or
    /// of a layer that is called several times or not through <c>call</c>: by name. The loss is no likelihood.
    /// </exception>
    /// <exception cref="InvalidOperationException">A batch norm takes the statistics of its batch.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public KroneckerOperator Kfac(
        KroneckerOptions? options = null, IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Kronecker(options, corrected: false, new Progress("K-FAC", progress, cancellationToken));

    /// <summary>
    /// EKFAC: K-FAC's eigenbasis with the diagonal measured anew there in a second pass, which is the best one in Frobenius
    /// norm (George et al. 2018).
    /// </summary>
    /// <inheritdoc cref="Kfac"/>
    public KroneckerOperator Ekfac(
        KroneckerOptions? options = null, IProgress<OperationProgress>? progress = null,
        CancellationToken cancellationToken = default) =>
        Kronecker(options, corrected: true, new Progress("EKFAC", progress, cancellationToken));

    private KroneckerOperator Kronecker(KroneckerOptions? options, bool corrected, Progress progress)
    {
        options ??= new();
        options.Validate();
        ThrowIfCoupled(corrected ? "EKFAC" : "K-FAC");
        if (options.Fisher != KroneckerFisher.Empirical) Likelihood("K-FAC but the empirical one");
        return new KroneckerBuilder(_data, options).Build(corrected, progress);
    }
}
