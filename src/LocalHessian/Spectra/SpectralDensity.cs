using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Spectra;

/// <summary>The eigenvalue density of an operator by stochastic Lanczos quadrature.</summary>
public static class SpectralDensity
{
    /// <summary>
    /// For each normal random unit vector v, the Lanczos recurrence gives the Gauss quadrature of the measure that has the
    /// weight <c>(uᵢᵀv)²</c> at <c>λᵢ</c>; the mean of these measures over v is the spectrum (Ubaru, Chen and Saad 2017).
    /// </summary>
    /// <param name="op">The operator.</param>
    /// <param name="probes">The number of random vectors, at least one; sampling error falls with the square root of <c>n·probes</c>.</param>
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
        return new SpectralMeasure(Quadratures(op, probes, steps, seed, watch).SelectMany(points => points));
    }

    /// <summary>The points and weights of each probe; weights sum to one a probe.</summary>
    internal static List<(double Node, double Weight)[]> Quadratures(
        SymmetricOperator op, int probes, int steps, long seed, Progress progress)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 1);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var random = new RandomVectors(seed, op.Size, op.Dtype, op.Device);
        var process = new LanczosProcess(op, steps);
        var quadratures = new List<(double, double)[]>(probes);
        for (var probe = 0; probe < probes; probe++)
        {
            using var probeScope = NewDisposeScope();
            process.Reset();
            var part = progress.Part(null, (double)probe / probes, (probe + 1.0) / probes);
            LanczosDriver.Run(process, random.Normal(), met: null, restart: null, part);
            var (nodes, vectors) = process.Blocks[0].Solve();
            quadratures.Add([.. nodes.Select((node, i) => (node, vectors[0, i] * vectors[0, i]))]);
        }
        return quadratures;
    }
}
