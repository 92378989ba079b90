namespace LocalHessian.Spectra;

/// <summary>The log-determinant of a positive definite operator by stochastic Lanczos quadrature.</summary>
public static class LogDeterminant
{
    /// <summary>
    /// <c>ln det H = tr ln H ≈ n·mean of Σ_i w_i ln θ_i</c> over the Gauss quadratures (θ, w) of random unit vectors (Ubaru, Chen
    /// and Saad 2017).
    /// </summary>
    /// <param name="op">
    /// The operator. A semi-definite one has none: add damping, <c>h + δ·SymmetricOperator.Identity(…)</c>.
    /// </param>
    /// <param name="probes">The number of random vectors, at least two; the error falls with its square root.</param>
    /// <param name="steps">
    /// Products a probe, at least one; the error of a quadrature falls like <c>((√κ − 1)/(√κ + 1))^(2·steps)</c>.
    /// </param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <param name="progress">Is told between products; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <returns>The standard error is that of sampling; the quadrature's own is not in it.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two probes, fewer than one step.</exception>
    /// <exception cref="InvalidOperationException">
    /// A product is NaN or infinite; or the operator is seen not to be positive definite, to within the round-off of its dtype.
    /// </exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public static TraceEstimate Estimate(
        SymmetricOperator op, int probes = 10, int steps = 80, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        var watch = new Progress("log-determinant", progress, cancellationToken);
        var quadratures = SpectralDensity.Quadratures(op, probes, steps, seed, watch);
        var (low, high) = (quadratures.Min(q => q.Nodes[0]), quadratures.Max(q => q.Nodes[^1]));
        // The nodes lie inside the spectrum.
        if (!(low > Precision.Epsilon(op.Dtype) * high))
            throw new InvalidOperationException(
                "The operator is not positive definite to within round-off: " + FormattableString.Invariant(
                $"it has eigenvalues at or below {low:G3} (and at or above {high:G3}). Add damping."));
        return TraceEstimate.Of([.. quadratures.Select(q => op.Size * q.Mean(Math.Log))], quadratures.Sum(q => q.Nodes.Count));
    }
}
