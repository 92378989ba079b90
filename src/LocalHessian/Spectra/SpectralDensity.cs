namespace LocalHessian.Spectra;

/// <summary>The eigenvalue density of an operator by stochastic Lanczos quadrature.</summary>
public static class SpectralDensity
{
    /// <summary>
    /// For each normal random unit vector v, the Lanczos recurrence gives the Gauss quadrature of the measure that has the
    /// weight <c>(uᵢᵀv)²</c> at <c>λᵢ</c>; the mean of these measures over v is the spectrum (Ubaru, Chen and Saad 2017).
    /// </summary>
    /// <param name="op">The operator.</param>
    /// <param name="probes">
    /// The number of random vectors, at least one; sampling error falls with the square root of <c>n·probes</c>.
    /// </param>
    /// <param name="steps">
    /// Products a probe, at least one; the operator's size caps it. Each measure has the exact moments up to <c>2·steps − 1</c>.
    /// </param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <param name="progress">Is told between products; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one probe or step.</exception>
    /// <exception cref="InvalidOperationException">A product is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public static SpectralMeasure Estimate(
        SymmetricOperator op, int probes = 10, int steps = 80, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        var watch = new Progress("spectral density", progress, cancellationToken);
        return new SpectralMeasure(Quadratures(op, probes, steps, seed, watch).SelectMany(q => q.Points));
    }

    /// <summary>
    /// The Gauss quadrature of one vector's spectral measure, which has the weight <c>(uᵢᵀv)²/vᵀv</c> at <c>λᵢ</c>: the
    /// eigenvalues of the tridiagonal matrix, and the squared first entries of its eigenvectors (Golub and Welsch 1969). So
    /// <c>vᵀf(H)v</c> is <c>vᵀv</c> times <see cref="SpectralMeasure.Mean"/> of f, exactly for polynomials of degree up to
    /// <c>2·steps − 1</c>.
    /// </summary>
    /// <param name="op">The operator.</param>
    /// <param name="start">v, of shape <c>(n)</c>, not zero; it stays the caller's.</param>
    /// <param name="steps">Products, at least one; fewer where the space of v is complete before.</param>
    /// <param name="progress">Is told between products; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="ArgumentException">A start vector that is zero, not finite or does not fit.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than one step.</exception>
    /// <inheritdoc cref="Estimate" path="/exception[position() > 1]"/>
    public static SpectralMeasure Quadrature(
        SymmetricOperator op, Tensor start, int steps = 80,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        LanczosOptions.ThrowIfUnfit(start, op);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var process = new LanczosProcess(op, steps);
        var watch = new Progress("quadrature", progress, cancellationToken);
        if (!LanczosDriver.Run(process, start.detach(), met: null, restart: null, watch))
            throw new ArgumentException("The start vector is zero.", nameof(start));
        return SpectralMeasure.Of(process.Blocks[0]);
    }

    /// <summary>The quadrature of each probe.</summary>
    internal static List<SpectralMeasure> Quadratures(
        SymmetricOperator op, int probes, int steps, long seed, Progress progress)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        using var call = new RandomizedCall(op, seed);
        var process = new LanczosProcess(op, steps);
        var quadratures = new List<SpectralMeasure>(probes);
        for (var probe = 0; probe < probes; probe++)
        {
            using var probeScope = NewDisposeScope();
            process.Reset();
            var part = progress.Part(null, (double)probe / probes, (probe + 1.0) / probes);
            LanczosDriver.Run(process, call.Random.Normal(), met: null, restart: null, part);
            quadratures.Add(SpectralMeasure.Of(process.Blocks[0]));
        }

        return quadratures;
    }
}
