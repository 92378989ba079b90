using System.Globalization;

namespace LocalHessian;

/// <summary>Dense symmetric matrices: their check and all their eigenvalues.</summary>
public static class SymmetricMatrix
{
    /// <summary>Checks that a matrix is square, real floating point, finite, and symmetric up to round-off.</summary>
    /// <param name="matrix"><c>(n, n)</c>, <c>n ≥ 1</c>, on any device.</param>
    /// <param name="tolerance">
    /// The largest <c>|A − Aᵀ|</c> allowed, relative to the largest <c>|A|</c>; by default <c>8·n·eps</c> of the dtype, what
    /// two orders of summation may differ by.
    /// </param>
    /// <returns>The matrix that was given.</returns>
    /// <exception cref="ArgumentException">
    /// The matrix fails one of the checks; the message says which and by how much.
    /// </exception>
    public static Tensor ThrowUnlessSymmetric(Tensor matrix, double? tolerance = null)
    {
        ArgumentNullException.ThrowIfNull(matrix);
        if (matrix.dim() != 2 || matrix.shape[0] != matrix.shape[1] || matrix.shape[0] == 0)
            throw new ArgumentException(
                $"A symmetric matrix has shape [n, n] with n ≥ 1, not {Describe.Shape(matrix)}.", nameof(matrix));
        if (!matrix.is_floating_point())
            throw new ArgumentException($"The matrix must be real floating point, not {matrix.dtype}.", nameof(matrix));
        if (tolerance is { } given && !(given >= 0))
            throw new ArgumentOutOfRangeException(nameof(tolerance), given, "The tolerance is a number from zero up.");

        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var largest = matrix.abs().max().ToNumber();
        if (!double.IsFinite(largest))
            throw new ArgumentException("The matrix has an entry that is NaN or infinite.", nameof(matrix));
        // Halves first: the difference of two finite entries can overflow.
        var skew = 2 * (matrix / 2 - matrix.t() / 2).abs().max().ToNumber();
        var allowed = (tolerance ?? 8 * matrix.shape[0] * Precision.Epsilon(matrix.dtype)) * largest;
        if (skew > allowed)
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"The matrix is not symmetric: |A − Aᵀ| reaches {skew:G3}, allowed is {allowed:G3}. If that is round-off, "
                + $"symmetrise it, (A + Aᵀ)/2, or pass a tolerance."), nameof(matrix));
        return matrix;
    }

    /// <summary>All eigenvalues, ascending.</summary>
    /// <param name="matrix"><c>(n, n)</c>; float16 and bfloat16 are computed in float32.</param>
    /// <param name="tolerance">As in <see cref="ThrowUnlessSymmetric"/>.</param>
    /// <returns><c>n</c> eigenvalues, exact up to <c>n·eps·‖A‖</c> of the dtype.</returns>
    /// <exception cref="ArgumentException">As in <see cref="ThrowUnlessSymmetric"/>.</exception>
    public static double[] Eigenvalues(Tensor matrix, double? tolerance = null)
    {
        ThrowUnlessSymmetric(matrix, tolerance);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        var a = matrix.detach().to(Precision.Working(matrix.dtype));
        // LAPACK reads one triangle; the mean of both favours neither.
        var symmetric = a / 2 + a.t() / 2;
        return linalg.eigvalsh(symmetric).ToNumbers();
    }
}
