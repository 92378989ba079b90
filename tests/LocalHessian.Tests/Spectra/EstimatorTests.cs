using LocalHessian.Internal;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

/// <summary>Estimates against the dense matrix, their errors against what they say of them.</summary>
public class EstimatorTests
{
    private static readonly double[] Algebraic = [.. Enumerable.Range(1, 300).Select(i => 100.0 / (i * i))];
    private static readonly double[] Exponential = [.. Enumerable.Range(0, 300).Select(i => Math.Pow(0.7, i))];

    [Fact]
    public void XTrace_needs_fewer_products_than_Hutch_plus_plus_and_that_fewer_than_Hutchinson()
    {
        using var op = new DenseOperator(TestMatrices.WithSpectrum(Algebraic));
        double Error(Func<long, TraceEstimate> estimate) =>
            Math.Sqrt(Enumerable.Range(0, 20).Average(seed => Math.Pow(estimate(seed).Value - Algebraic.Sum(), 2)));
        var plain = Error(seed => TraceEstimator.Hutchinson(op, 60, seed));
        var reduced = Error(seed => TraceEstimator.HutchPlusPlus(op, 60, seed));
        var exchanged = Error(seed => TraceEstimator.XTrace(op, 60, seed));
        reduced.Should().BeLessThan(plain / 5);
        exchanged.Should().BeLessThan(reduced / 1.5);
    }

    [Fact]
    public void The_error_of_XTrace_falls_as_fast_as_an_exponential_spectrum_and_that_of_Hutch_plus_plus_with_a_third_of_it()
    {
        // Epperly, Tropp and Webber 2024, theorem 1.1: XTrace's error is of the order of the eigenvalues beyond half of the
        // products.
        using var op = new DenseOperator(TestMatrices.WithSpectrum(Exponential));
        var exact = Exponential.Sum();
        foreach (var products in new[] { 20, 40, 60 })
        {
            var error = Enumerable.Range(0, 10).Average(seed => Math.Abs(TraceEstimator.XTrace(op, products,
                seed).Value - exact));
            error.Should().BeLessThan(10 * Math.Pow(0.7, products / 2.0) * products)
                .And.BeGreaterThan(1e-3 * Math.Pow(0.7, products / 2.0));
            var third = Enumerable.Range(0, 10).Average(seed => Math.Abs(TraceEstimator.HutchPlusPlus(op, products,
                seed).Value - exact));
            third.Should().BeLessThan(10 * Math.Pow(0.7, products / 3.0) * products);
        }
    }

    [Fact]
    public void Standard_errors_are_the_spread_over_seeds()
    {
        using var op = new DenseOperator(TestMatrices.WithSpectrum(Algebraic));
        var trace = Algebraic.Sum();
        Spread("XTrace", trace, seed => TraceEstimator.XTrace(op, 40, seed));
        Spread("Frobenius", Algebraic.Sum(l => l * l), seed => FrobeniusNorm.Squared(op, 60, seed));
        using var definite = new DenseOperator(TestMatrices.WithSpectrum([.. Enumerable.Range(0, 300)
            .Select(i => Math.Exp(-2 + i / 100.0))]));
        Spread("log det", Enumerable.Range(0, 300).Sum(i => -2 + i / 100.0), seed => LogDeterminant.Estimate(definite, 10, 30,
            seed));
        double[] deficient = [.. Enumerable.Repeat(0.0, 240), .. Enumerable.Range(0, 60).Select(i => 1 + 8 * i / 59.0)];
        using var rank = new DenseOperator(TestMatrices.WithSpectrum(deficient));
        Spread("rank", 60, seed =>
        {
            var found = NonZeroSpectrum.OfOperator(rank, steps: 70, probes: 10, seed: seed);
            return new(found.Rank, found.RankStandardError, 0);
        });
    }

    [Fact]
    public void Diagonals_are_those_of_the_matrix_within_their_standard_errors()
    {
        using var scope = NewDisposeScope();
        var matrix = TestMatrices.WithSpectrum(Algebraic);
        using var op = new DenseOperator(matrix);
        foreach (var (name, estimate) in new (string, Func<long, DiagonalEstimate>)[]
                 {
                     ("Hutchinson", seed => DiagonalEstimator.Hutchinson(op, 60, seed)), ("XDiag",
                         seed => DiagonalEstimator.XDiag(op, 60, seed)),
                 })
        {
            var found = Enumerable.Range(0, 20).Select(seed => estimate(seed)).ToList();
            found.Should().OnlyContain(e => e.Products == 60);
            var errors = stack(found.Select(e => (e.Values - matrix.diagonal()) / e.StandardErrors).ToArray());
            errors.mean().item<double>().Should().BeApproximately(0, 0.1, name);
            errors.square().mean().sqrt().item<double>().Should().BeInRange(0.7, 1.4, name);
        }

        double Error(DiagonalEstimate e) => (e.Values - matrix.diagonal()).norm().item<double>();
        Error(DiagonalEstimator.XDiag(op, 60)).Should().BeLessThan(Error(DiagonalEstimator.Hutchinson(op, 60)) / 5);
    }

    [Fact]
    public void Low_rank_small_and_zero_operators_are_exact()
    {
        using var scope = NewDisposeScope();
        var z = TestMatrices.Normal(1, 200, 5);
        var matrix = z.mm(z.t());
        using var lowRank = new DenseOperator(matrix);
        var trace = z.square().sum().item<double>();
        TraceEstimator.XTrace(lowRank, 30).Value.Should().BeApproximately(trace, 1e-8);
        (DiagonalEstimator.XDiag(lowRank, 30).Values - matrix.diagonal()).abs().max().item<double>().Should().BeLessThan(1e-8);
        // A sketch with rows, and a triangle with entries, that are exactly zero.
        using var sparse = new DiagonalOperator([3, 2, .. Enumerable.Repeat(0.0, 98)]);
        TraceEstimator.XTrace(sparse, 20).Value.Should().BeApproximately(5, 1e-12);
        (DiagonalEstimator.XDiag(sparse, 20).Values.sum().item<double>() - 5).Should().BeApproximately(0, 1e-12);
        using var small = new DiagonalOperator(1, 2);
        TraceEstimator.XTrace(small).Should().Be(new TraceEstimate(3, 0, 2));
        var diagonal = DiagonalEstimator.XDiag(small);
        diagonal.Values.Host<double>().Should().Equal(1, 2);
        diagonal.StandardErrors.Host<double>().Should().Equal(0, 0);
        var zero = 0 * SymmetricOperator.Identity(100, ScalarType.Float64, TestDevice.Current);
        TraceEstimator.XTrace(zero, 20).Should().Be(new TraceEstimate(0, 0, 10));
        DiagonalEstimator.XDiag(zero, 20).Values.abs().max().item<double>().Should().Be(0);
        FrobeniusNorm.Squared(zero).Value.Should().Be(0);
        FrobeniusNorm.Squared(SymmetricOperator.Identity(100)).Should().Be(new TraceEstimate(100, 0, 100));
    }

    [Fact]
    public void Other_precisions_give_the_same_numbers_to_their_own_round_off()
    {
        using var scope = NewDisposeScope();
        var matrix = TestMatrices.WithSpectrum(Algebraic);
        foreach (var (dtype, tolerance) in new[] { (ScalarType.Float32, 1e-3), (ScalarType.BFloat16, 3.0) })
        {
            using var op = new DenseOperator(matrix.to(dtype));
            TraceEstimator.XTrace(op, 100).Value.Should().BeApproximately(Algebraic.Sum(), tolerance + 0.05);
            using var diagonal = DiagonalEstimator.XDiag(op, 100);
            (diagonal.Values.to(ScalarType.Float64) - matrix.diagonal()).abs().max().item<double>()
                .Should().BeLessThan(tolerance + 0.05);
        }
    }

    [Fact]
    public void The_log_determinant_is_refused_where_there_is_none()
    {
        using var indefinite = new DenseOperator(TestMatrices.WithSpectrum([.. Enumerable.Range(-3, 100)
            .Select(i => (double)i)]));
        ((Action)(() => LogDeterminant.Estimate(indefinite))).Should().Throw<InvalidOperationException>()
            .WithMessage("*not positive definite*damping*");
        using var singular = new DenseOperator(TestMatrices.WithSpectrum([.. Enumerable.Repeat(0.0, 50),
            .. Enumerable.Repeat(1.0, 50)]));
        ((Action)(() => LogDeterminant.Estimate(singular))).Should().Throw<InvalidOperationException>();
        var damped = singular + 0.5 * SymmetricOperator.Identity(100, ScalarType.Float64, TestDevice.Current);
        var estimate = LogDeterminant.Estimate(damped, probes: 40);
        estimate.Value.Should().BeApproximately(50 * Math.Log(0.5) + 50 * Math.Log(1.5), 4 * estimate.StandardError);
        estimate.Products.Should().Be(80, "two distinct eigenvalues take two products a probe");
    }

    [Fact]
    public void The_quadrature_of_a_vector_has_its_moments_and_is_exact_once_its_space_is_complete()
    {
        using var scope = NewDisposeScope();
        var matrix = TestMatrices.WithSpectrum(Algebraic);
        using var op = new DenseOperator(matrix);
        var v = 3 * TestMatrices.Normal(9, 300, 1).view(-1);
        var quadrature = SpectralDensity.Quadrature(op, v, steps: 4);
        quadrature.Nodes.Should().HaveCount(4);
        var square = v.dot(v).item<double>();
        var power = v;
        for (var k = 0; k <= 7; k++, power = matrix.mv(power))
            (square * quadrature.Mean(x => Math.Pow(x, k))).Should().BeApproximately(v.dot(power).item<double>(),
                1e-9 * Math.Pow(100, k) * square);
        // vᵀA⁻¹v of a definite A, exactly, from few points.
        using var few = new DiagonalOperator([.. Enumerable.Range(0, 90).Select(i => i % 3 + 1.0)]);
        var ones = torch_ones(90);
        (90 * SpectralDensity.Quadrature(few, ones).Mean(x => 1 / x))
            .Should().BeApproximately(30 * (1 + 1 / 2.0 + 1 / 3.0), 1e-10);
        ((Action)(() => SpectralDensity.Quadrature(few, ones * 0))).Should().Throw<ArgumentException>();
        ((Action)(() => SpectralDensity.Quadrature(few, torch_ones(4)))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void A_spectrum_on_a_logarithmic_scale_keeps_its_weights_and_puts_zeros_at_the_floor()
    {
        var log = SpectralMeasure.Of([-100, 0, 0.01, 1]).LogMagnitudes(1e-6);
        double[] expected = [-6, -2, 0, 2];
        for (var i = 0; i < 4; i++) log.Nodes[i].Should().BeApproximately(expected[i], 1e-12);
        log.Weights.Should().OnlyContain(w => Math.Abs(w - 0.25) < 1e-15);
        SpectralMeasure.Of([0, 0]).LogMagnitudes().Nodes.Should().OnlyContain(n => double.IsFinite(n));
        ((Action)(() => log.LogMagnitudes(0))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void Groups_of_any_width_are_the_products_asked_for()
    {
        using var scope = NewDisposeScope();
        var matrix = TestMatrices.WithSpectrum([.. Algebraic.Take(20)]);
        using var op = new DenseOperator(matrix);
        var columns = TestMatrices.Normal(1, 20, 7);
        var run = new ProbeProducts(op, 7, Progress.None) { AtOnce = 3 };
        (run.Of(columns) - matrix.mm(columns)).abs().max().item<double>().Should().BeLessThan(1e-12);
        run.Count.Should().Be(7);
    }

    [Fact]
    public void Too_few_products_are_refused()
    {
        using var op = new DiagonalOperator(1, 2, 3, 4, 5);
        Refused(() => TraceEstimator.XTrace(op, 3));
        Refused(() => DiagonalEstimator.XDiag(op, 3));
        Refused(() => DiagonalEstimator.Hutchinson(op, 1));
        Refused(() => FrobeniusNorm.Squared(op, 1));
        Refused(() => LogDeterminant.Estimate(op, 1));
        Refused(() => LogDeterminant.Estimate(op, 2, 0));
        void Refused(Action action) => action.Should().Throw<ArgumentOutOfRangeException>();
    }

    private static Tensor torch_ones(long n) => ones(n, ScalarType.Float64);

    /// <summary>
    /// Over 40 seeds the error in units of the standard error has mean 0 and deviation 1; bounds at about four deviations.
    /// </summary>
    private static void Spread(string name, double exact, Func<long, TraceEstimate> estimate)
    {
        var errors = Enumerable.Range(0, 40).Select(seed => estimate(seed))
            .Select(e => (e.Value - exact) / e.StandardError).ToArray();
        Math.Abs(errors.Average()).Should().BeLessThan(4 / Math.Sqrt(40), name);
        Math.Sqrt(errors.Average(e => e * e)).Should().BeInRange(0.55, 1.5, name);
    }
}
