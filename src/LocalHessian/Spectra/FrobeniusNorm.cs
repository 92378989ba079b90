namespace LocalHessian.Spectra;

/// <summary>The Frobenius norm of an operator from products with random vectors.</summary>
public static class FrobeniusNorm
{
    /// <summary>
    /// <c>‖A‖²_F = tr AᵀA ≈ mean of ‖Av‖²</c> over random signs v; of a symmetric operator the sum of its squared eigenvalues.
    /// </summary>
    /// <inheritdoc cref="TraceEstimator.Hutchinson" path="/param | /exception"/>
    public static TraceEstimate Squared(
        LinearOperator op, int probes = 100, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        using var call = new RandomizedCall(op, seed);
        var run = new ProbeProducts(op, probes, new Progress("Frobenius norm", progress, cancellationToken));
        return TraceEstimate.Of(run.Samples(probes, call.Random.Signs, run.Squares), probes);
    }
}
