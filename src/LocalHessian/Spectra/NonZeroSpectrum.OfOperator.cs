using static TorchSharp.torch;

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
    /// <exception cref="ArgumentOutOfRangeException">Too few steps or probes, a negative threshold.</exception>
    /// <exception cref="InvalidOperationException">A product is NaN or infinite.</exception>
    public static NonZeroSpectrum OfOperator(
        SymmetricOperator op, int steps = 200, int probes = 10, double? threshold = null, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(steps, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        Limit(threshold, op.Size, op.Dtype, 0);
        using var scope = NewDisposeScope();
        if (op.Size <= steps)
        {
            var dense = op.ToDense();
            var symmetric = (dense + dense.t()) / 2;
            return OfEigenvalues(SymmetricMatrix.Eigenvalues(symmetric), op.Dtype, threshold);
        }
        var (largest, smallest, converged) = Ends(op, steps, threshold, seed);
        var limit = Limit(threshold, op.Size, op.Dtype, largest);
        var ranks = SpectralDensity.Quadratures(op, probes, steps, seed)
            .Select(points => op.Size * points.Where(p => Math.Abs(p.Node) > limit).Sum(p => p.Weight)).ToArray();
        var rank = ranks.Average();
        var error = Math.Sqrt(ranks.Sum(r => (r - rank) * (r - rank)) / (probes - 1) / probes);
        return new NonZeroSpectrum(largest, smallest, rank, error, limit, converged);
    }

    /// <summary>Both ends of the non-zero spectrum by Lanczos, without the rank.</summary>
    internal static (double Largest, double Smallest, bool Converged) Ends(
        SymmetricOperator op, int steps, double? threshold, long seed)
    {
        using var noGrad = no_grad();
        using var random = new RandomVectors(seed);
        var process = new LanczosProcess(op, steps);
        if (!process.Begin(op.Apply(random.Normal(op).to(op.Dtype).squeeze(1)))) return (0, double.NaN, true);
        var tolerance = Math.Pow(Precision.Epsilon(op.Dtype), 2.0 / 3);
        while (true)
        {
            var open = process.Step();
            if (open && process.Count % 5 != 0) continue;
            var block = process.Blocks[0];
            var (values, vectors) = block.Solve();
            var largest = Math.Max(Math.Abs(values[0]), Math.Abs(values[^1]));
            var limit = Limit(threshold, op.Size, op.Dtype, largest);
            var nonZero = Enumerable.Range(0, values.Length).Where(i => Math.Abs(values[i]) > limit).ToArray();
            if (nonZero.Length == 0)
            {
                if (open) continue;
                return (largest, double.NaN, block.Beta == 0);
            }
            var low = nonZero.MinBy(i => Math.Abs(values[i]));
            var high = nonZero.MaxBy(i => Math.Abs(values[i]));
            double Residual(int i) => block.Beta * Math.Abs(vectors[block.Count - 1, i]);
            var definite = nonZero.All(i => values[i] > 0) || nonZero.All(i => values[i] < 0);
            // The small end is judged relative to itself: it is a divisor.
            var converged = block.Beta == 0 || (definite
                && Residual(high) <= tolerance * largest && Residual(low) <= Math.Sqrt(tolerance) * Math.Abs(values[low]));
            if (converged || !open) return (Math.Abs(values[high]), Math.Abs(values[low]), converged);
        }
    }
}
