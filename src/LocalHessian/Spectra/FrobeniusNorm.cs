using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Spectra;

/// <summary>The Frobenius norm of an operator from products with random vectors.</summary>
public static class FrobeniusNorm
{
    /// <summary>
    /// <c>‖A‖²_F = tr AᵀA ≈ mean of ‖Av‖²</c> over random signs v; of a symmetric operator the sum of its squared eigenvalues.
    /// </summary>
    /// <param name="op">The operator; symmetry is not needed.</param>
    /// <param name="probes">The number of random vectors, at least two; the error falls with its square root.</param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <param name="progress">Is told between groups of vectors; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two probes.</exception>
    /// <exception cref="InvalidOperationException">A product is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public static TraceEstimate Squared(
        LinearOperator op, int probes = 100, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var random = new RandomVectors(seed, op.Size, op.Dtype, op.Device);
        var run = new ProbeProducts(op, probes, new Progress("Frobenius norm", progress, cancellationToken));
        var samples = TraceEstimator.Samples(run, probes, random.Signs, run.Squares);
        return TraceEstimator.Mean(samples, 0, probes);
    }
}
