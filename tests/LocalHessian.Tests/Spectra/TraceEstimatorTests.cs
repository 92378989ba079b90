using LocalHessian.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

public class TraceEstimatorTests
{
    private static readonly double[] Decaying = [.. Enumerable.Range(1, 300).Select(i => 100.0 / (i * i))];

    [Fact]
    public void Hutchinson_is_exact_on_a_diagonal()
    {
        using var op = new DiagonalOperator(1, -2, 5.5);
        var estimate = TraceEstimator.Hutchinson(op, probes: 3);
        estimate.Value.Should().BeApproximately(4.5, 1e-14);
        estimate.StandardError.Should().BeLessThan(1e-14);
        op.Products.Should().Be(3).And.Be(estimate.Products);
    }

    [Fact]
    public void The_standard_error_of_Hutchinson_is_the_error_it_makes()
    {
        using var matrix = TestMatrices.WithSpectrum(Decaying);
        using var op = new DenseOperator(matrix);
        Spread(seed => TraceEstimator.Hutchinson(op, 50, seed));
    }

    [Fact]
    public void The_standard_error_of_Hutch_plus_plus_is_the_error_it_makes()
    {
        using var matrix = TestMatrices.WithSpectrum(Decaying);
        using var op = new DenseOperator(matrix);
        Spread(seed => TraceEstimator.HutchPlusPlus(op, 51, seed));
    }

    [Fact]
    public void Hutch_plus_plus_beats_Hutchinson_at_the_same_price_where_the_spectrum_decays()
    {
        using var matrix = TestMatrices.WithSpectrum(Decaying);
        using var op = new DenseOperator(matrix);
        var plain = TraceEstimator.Hutchinson(op, 60);
        var reduced = TraceEstimator.HutchPlusPlus(op, 60);
        reduced.Products.Should().Be(60);
        reduced.StandardError.Should().BeLessThan(plain.StandardError / 5);
    }

    [Fact]
    public void Hutch_plus_plus_is_exact_for_low_rank_for_small_and_for_zero_operators()
    {
        using var scope = NewDisposeScope();
        var z = TestMatrices.Normal(1, 200, 5);
        using var lowRank = new DenseOperator(z.mm(z.t()));
        var trace = z.square().sum().item<double>();
        TraceEstimator.HutchPlusPlus(lowRank, 30).Value.Should().BeApproximately(trace, 1e-9);
        using var small = new DiagonalOperator(1, 2);
        TraceEstimator.HutchPlusPlus(small).Should().Be(new TraceEstimate(3, 0, 2));
        TraceEstimator.HutchPlusPlus(0 * SymmetricOperator.Identity(100, ScalarType.Float64)).Value.Should().Be(0);
    }

    [Fact]
    public void An_operator_that_is_not_symmetric_has_a_trace_too()
    {
        using var scope = NewDisposeScope();
        using var a = new DenseOperator(TestMatrices.WithSpectrum(Decaying, 1));
        using var b = new DenseOperator(TestMatrices.WithSpectrum(Decaying, 2));
        var exact = (a.ToDense() * b.ToDense()).sum().item<double>();
        var estimate = TraceEstimator.Hutchinson(a * b, 400);
        estimate.Value.Should().BeApproximately(exact, 4 * estimate.StandardError);
    }

    [Fact]
    public void Probes_in_groups_are_the_probes_one_asked_for()
    {
        using var op = new DiagonalOperator(ones(1 << 21, ScalarType.Float32)); // two vectors at once
        TraceEstimator.Hutchinson(op, probes: 5).Value.Should().Be(1 << 21);
        op.Products.Should().Be(5);
    }

    [Fact]
    public void Too_few_products_are_refused()
    {
        using var op = new DiagonalOperator(1, 2);
        ((Action)(() => TraceEstimator.Hutchinson(op, probes: 1))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => TraceEstimator.HutchPlusPlus(op, products: 5))).Should().Throw<ArgumentOutOfRangeException>();
    }

    /// <summary>
    /// Over 40 seeds the error in units of the standard error has mean 0 and deviation 1; bounds at four deviations.
    /// </summary>
    private static void Spread(Func<long, TraceEstimate> estimate)
    {
        var exact = Decaying.Sum();
        var errors = Enumerable.Range(0, 40).Select(seed => estimate(seed))
            .Select(e => (e.Value - exact) / e.StandardError).ToArray();
        Math.Abs(errors.Average()).Should().BeLessThan(4 / Math.Sqrt(40));
        Math.Sqrt(errors.Average(e => e * e)).Should().BeInRange(0.55, 1.5);
    }
}
