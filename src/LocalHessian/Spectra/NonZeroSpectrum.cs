using System.Globalization;

namespace LocalHessian.Spectra;

/// <summary>Rank and condition number of a spectrum's non-zero part.</summary>
/// <param name="Largest">The largest singular value, which for symmetric matrices is the largest <c>|λ|</c>.</param>
/// <param name="SmallestNonZero">The smallest singular value above the threshold; NaN where there is none.</param>
/// <param name="Rank">
/// How many singular values are above the threshold; an estimate where <paramref name="RankStandardError"/> is not zero.
/// </param>
/// <param name="RankStandardError">One standard deviation of an estimated rank, else zero.</param>
/// <param name="Threshold">The absolute value above which a singular value counts as non-zero.</param>
/// <param name="Converged">
/// Whether largest and smallest are exact up to round-off or the Lanczos tolerance. Where not, for a semi-definite operator,
/// the largest is a lower and the smallest an upper bound, so that the condition number is a lower bound.
/// </param>
public sealed partial record NonZeroSpectrum(
    double Largest, double SmallestNonZero, double Rank, double RankStandardError, double Threshold, bool Converged)
{
    /// <summary>Largest over smallest non-zero singular value; NaN where nothing is above the threshold. MATH §3.</summary>
    public double ConditionNumber => Largest / SmallestNonZero;

    /// <summary>Extremes, condition number and rank in one line, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{SmallestNonZero:G6} to {Largest:G6}, condition number {ConditionNumber:G6}, " +
        $"rank {Rank:G6} ± {RankStandardError:G2}, " +
        $"{(Converged ? "converged" : "not converged")}, zero up to {Threshold:G3}");

    /// <summary>From the singular values of a matrix of any shape.</summary>
    /// <param name="matrix"><c>(rows, columns)</c>, floating point and finite.</param>
    /// <param name="threshold">By default <c>max(rows, columns)·eps·σ_max</c> with the dtype's eps.</param>
    /// <exception cref="ArgumentException">Not a matrix, empty, not floating point, or not finite.</exception>
    public static NonZeroSpectrum OfMatrix(Tensor matrix, double? threshold = null)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (matrix.dim() != 2 || matrix.numel() == 0 || !matrix.is_floating_point())
            throw new ArgumentException(
                $"A floating-point matrix is needed, not {matrix.dtype} of shape {Describe.Shape(matrix)}.", nameof(matrix));
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Finite.ThrowUnless(matrix, "The matrix", nameof(matrix));
        var values = linalg.svdvals(matrix.detach().to(Precision.Working(matrix.dtype)));
        return OfSingularValues(values.ToNumbers(), matrix.shape.Max(), matrix.dtype, threshold);
    }

    /// <summary>From all eigenvalues of a symmetric matrix.</summary>
    /// <param name="eigenvalues">All of them, finite, in any order.</param>
    /// <param name="dtype">The dtype they were computed in, whose eps makes the default threshold.</param>
    /// <param name="threshold">By default <c>n·eps·|λ|_max</c>.</param>
    /// <exception cref="ArgumentException">None, or one that is NaN or infinite.</exception>
    public static NonZeroSpectrum OfEigenvalues(
        IEnumerable<double> eigenvalues, ScalarType dtype = ScalarType.Float64, double? threshold = null)
    {
        ArgumentNullException.ThrowIfNull(eigenvalues);
        var values = eigenvalues.Select(Math.Abs).ToArray();
        if (values.Length == 0 || !values.All(double.IsFinite))
            throw new ArgumentException("A spectrum has at least one eigenvalue, all of them finite.", nameof(eigenvalues));
        return OfSingularValues(values, values.Length, dtype, threshold);
    }

    private static NonZeroSpectrum OfSingularValues(double[] values, long size, ScalarType dtype, double? threshold)
    {
        var largest = values.Max();
        var limit = Limit(threshold, size, dtype, largest);
        var nonZero = values.Where(v => v > limit).ToArray();
        return new NonZeroSpectrum(largest, nonZero.Length == 0 ? double.NaN : nonZero.Min(), nonZero.Length, 0, limit, true);
    }

    /// <summary>What counts as zero beside the largest value.</summary>
    internal static double Limit(double? threshold, long size, ScalarType dtype, double largest)
    {
        Finite.ThrowIfNegative(threshold, "The threshold", nameof(threshold));
        return threshold ?? size * Precision.Epsilon(dtype) * largest;
    }
}
