using LocalHessian.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

public class NonZeroSpectrumTests
{
    [Fact]
    public void A_matrix_of_any_shape_is_judged_by_its_singular_values()
    {
        using var scope = NewDisposeScope();
        var matrix = zeros(3, 5, ScalarType.Float64);
        matrix[0, 1] = -6;
        matrix[2, 4] = 1.5;
        var result = NonZeroSpectrum.OfMatrix(matrix);
        result.Should().BeEquivalentTo(new
        {
            Largest = 6.0,
            SmallestNonZero = 1.5,
            Rank = 2.0,
            RankStandardError = 0.0,
            ConditionNumber = 4.0,
            Converged = true,
        });
        result.Threshold.Should().Be(5 * Math.ScaleB(1, -52) * 6);
    }

    [Fact]
    public void The_threshold_decides_what_is_zero()
    {
        double[] eigenvalues = [-4, 1e-3, 1e-12, 0];
        NonZeroSpectrum.OfEigenvalues(eigenvalues).ConditionNumber.Should().BeApproximately(4e12, 1);
        NonZeroSpectrum.OfEigenvalues(eigenvalues, ScalarType.Float32).ConditionNumber.Should().BeApproximately(4000, 1e-9);
        NonZeroSpectrum.OfEigenvalues(eigenvalues, threshold: 0.1).Rank.Should().Be(1);
    }

    [Fact]
    public void The_zero_matrix_has_no_condition_number()
    {
        using var zero = zeros(4, 4);
        var result = NonZeroSpectrum.OfMatrix(zero);
        result.Rank.Should().Be(0);
        result.ConditionNumber.Should().Be(double.NaN);
        var large = NonZeroSpectrum.OfOperator(0 * SymmetricOperator.Identity(500));
        large.Should().BeEquivalentTo(new { Largest = 0.0, Rank = 0.0, RankStandardError = 0.0, Converged = true });
        large.SmallestNonZero.Should().Be(double.NaN);
    }

    [Fact]
    public void A_small_operator_is_computed_exactly()
    {
        using var op = new DiagonalOperator(-8, 0, 2, 4);
        var result = NonZeroSpectrum.OfOperator(op);
        result.Should().BeEquivalentTo(new { Largest = 8.0, SmallestNonZero = 2.0, Rank = 3.0, Converged = true });
        op.Products.Should().Be(4);
    }

    [Fact]
    public void A_large_rank_deficient_operator_is_estimated_without_its_zeros()
    {
        using var scope = NewDisposeScope();
        // 300 features, 60 outputs with singular values from 1 to 3: eigenvalues 1 to 9, and 240 zeros.
        double[] spectrum = [.. Enumerable.Repeat(0.0, 240), .. Enumerable.Range(0, 60).Select(i => 1 + 8 * i / 59.0)];
        using var op = new DenseOperator(TestMatrices.WithSpectrum(spectrum));
        var result = NonZeroSpectrum.OfOperator(op, steps: 70, probes: 10);
        result.Converged.Should().BeTrue();
        result.ConditionNumber.Should().BeApproximately(9, 1e-4);
        result.RankStandardError.Should().BeInRange(0.1, 15);
        result.Rank.Should().BeApproximately(60, 4 * result.RankStandardError);
    }

    [Fact]
    public void Too_few_steps_give_a_lower_bound_and_say_so()
    {
        using var op = new DiagonalOperator([.. Enumerable.Range(1, 1000).Select(i => (double)i)]);
        var result = NonZeroSpectrum.OfOperator(op, steps: 10);
        result.Converged.Should().BeFalse();
        result.Largest.Should().BeInRange(500, 1000);
        result.SmallestNonZero.Should().BeInRange(1, 500);
    }

    [Fact]
    public void Zeros_do_not_pull_the_bound_on_the_smallest_below_the_truth()
    {
        using var op = new DiagonalOperator([.. Enumerable.Repeat(0.0, 700), .. Enumerable.Range(0, 300)
            .Select(i => 1 + i / 10.0)]);
        var result = NonZeroSpectrum.OfOperator(op, steps: 6);
        result.Converged.Should().BeFalse();
        result.SmallestNonZero.Should().BeInRange(1, 10);
    }

    [Fact]
    public void An_indefinite_operator_converges_only_when_exhausted()
    {
        using var distinct = new DiagonalOperator([.. Enumerable.Range(-500, 1001).Select(i => (double)i)]);
        NonZeroSpectrum.OfOperator(distinct, steps: 40).Converged.Should().BeFalse();
        using var three = new DiagonalOperator([.. Enumerable.Range(0, 999).Select(i => i % 3 - 1.0)]);
        var result = NonZeroSpectrum.OfOperator(three, steps: 40);
        result.Converged.Should().BeTrue();
        result.ConditionNumber.Should().BeApproximately(1, 1e-12);
        result.Rank.Should().BeApproximately(666, 4 * result.RankStandardError);
    }

    [Fact]
    public void What_makes_no_sense_is_refused()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(1, 2);
        using var infinite = new DiagonalOperator(full(300, double.PositiveInfinity, ScalarType.Float64));
        Refused<ArgumentException>(() => NonZeroSpectrum.OfMatrix(zeros(3)));
        Refused<ArgumentException>(() => NonZeroSpectrum.OfMatrix(zeros(0, 3)));
        Refused<ArgumentException>(() => NonZeroSpectrum.OfMatrix(zeros(2, 2, ScalarType.Int32)));
        Refused<ArgumentException>(() => NonZeroSpectrum.OfMatrix(full(2, 2, double.NaN)));
        Refused<ArgumentException>(() => NonZeroSpectrum.OfEigenvalues([]));
        Refused<ArgumentException>(() => NonZeroSpectrum.OfEigenvalues([double.NaN]));
        Refused<ArgumentOutOfRangeException>(() => NonZeroSpectrum.OfEigenvalues([1], threshold: -1));
        Refused<ArgumentOutOfRangeException>(() => NonZeroSpectrum.OfOperator(op, steps: 1));
        Refused<ArgumentOutOfRangeException>(() => NonZeroSpectrum.OfOperator(op, probes: 1));
        Refused<ArgumentOutOfRangeException>(() => NonZeroSpectrum.OfOperator(op, threshold: double.NaN));
        Refused<InvalidOperationException>(() => NonZeroSpectrum.OfOperator(infinite));
    }

    private static void Refused<T>(Action action) where T : Exception => action.Should().Throw<T>();
}
