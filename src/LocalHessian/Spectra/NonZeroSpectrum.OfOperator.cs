namespace LocalHessian.Spectra;

public sealed partial record NonZeroSpectrum
{
    /// <summary>From an operator: exactly, by way of the dense matrix, where it is small, else estimated from products.</summary>
    /// <remarks>
    /// An operator of at most <paramref name="steps"/> rows is written down. A larger one is probed by Lanczos from
    /// <c>H·g</c>, g normal: this start lies in H's range, so the zero eigenvalues that a rank-deficient Hessian has do not
    /// enter, and for a semi-definite H both ends of the non-zero spectrum are approached from inside. For an indefinite H the
    /// smallest <c>|λ|</c> lies in the interior, where the recurrence gives no bound; <see cref="Converged"/>
    /// then only becomes true where the space is exhausted. The rank is <c>n</c> times the share of the spectral density
    /// (<see cref="SpectralDensity"/>) above the threshold, with the standard error over <paramref name="probes"/>.
    /// </remarks>
    /// <param name="op">The operator.</param>
    /// <param name="steps">Products for the ends, and a probe; at least two.</param>
    /// <param name="probes">Probes for the rank, at least two.</param>
    /// <param name="threshold">By default <c>n·eps·|λ|_max</c>.</param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <param name="progress">Is told between products; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="ArgumentOutOfRangeException">Too few steps or probes, a negative threshold.</exception>
    /// <inheritdoc cref="SpectralDensity.Estimate" path="/exception[position() > 1]"/>
    public static NonZeroSpectrum OfOperator(
        SymmetricOperator op, int steps = 200, int probes = 10, double? threshold = null, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        Limit(threshold, op.Size, op.Dtype, 0);
        var watch = new Progress("non-zero spectrum", progress, cancellationToken);
        using var scope = NewDisposeScope();
        if (op.Size <= steps)
        {
            var dense = op.ToDense(null, watch, LinearOperator.VectorsAtOnce(op.Size));
            var symmetric = (dense + dense.t()) / 2;
            return OfEigenvalues(SymmetricMatrix.Eigenvalues(symmetric), op.Dtype, threshold);
        }
        var (largest, smallest, converged) = Extremes(op, steps, threshold, seed, watch.Part(null, 0, 1.0 / (probes + 1)));
        var limit = Limit(threshold, op.Size, op.Dtype, largest);
        var ranks = SpectralDensity.Quadratures(op, probes, steps, seed, watch.Part(null, 1.0 / (probes + 1), 1))
            .Select(q => q.Rank(op.Size, limit)).ToArray();
        var rank = TraceEstimate.Of(ranks, 0);
        return new NonZeroSpectrum(largest, smallest, rank.Value, rank.StandardError, limit, converged);
    }

    /// <summary>Both ends of the non-zero spectrum by Lanczos, without the rank.</summary>
    internal static (double Largest, double Smallest, bool Converged) Extremes(
        SymmetricOperator op, int steps, double? threshold, long seed, Progress progress)
    {
        using var call = new RandomizedCall(op, seed);
        var process = new LanczosProcess(op, steps);
        var rule = new ExtremesRule(process, op, largest => Limit(threshold, op.Size, op.Dtype, largest), progress.Cancellation);
        var start = op.Apply(call.Random.Normal().to(op.Dtype), progress.Cancellation);
        return LanczosDriver.Run(process, start, rule.Met, restart: null, progress) ? rule.Extremes : (0, double.NaN, true);
    }
}
