using LocalHessian.Internal;
using LocalHessian.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

public class SpectralDensityTests
{
    private static readonly double[] Spectrum = [.. Enumerable.Range(0, 300).Select(i => Math.Pow(i / 100.0, 2) - 1)];

    [Fact]
    public void Moments_agree_with_the_exact_spectrum_within_sampling_error()
    {
        using var matrix = TestMatrices.WithSpectrum(Spectrum);
        using var op = new DenseOperator(matrix);
        var density = SpectralDensity.Estimate(op, probes: 20, steps: 40, seed: 1);
        var exact = SpectralMeasure.Of(Spectrum);
        foreach (var power in new[] { 1, 2, 3 })
        {
            // A normal unit vector's weights give tr f/n with a variance of 2 Var(f)/n; 20 probes; five deviations.
            var mean = exact.Mean(x => Math.Pow(x, power));
            var variance = exact.Mean(x => Math.Pow(Math.Pow(x, power) - mean, 2));
            density.Mean(x => Math.Pow(x, power)).Should().BeApproximately(mean, 5 * Math.Sqrt(2 * variance / 300 / 20));
        }
    }

    [Fact]
    public void The_distribution_function_follows_that_of_the_exact_spectrum()
    {
        using var matrix = TestMatrices.WithSpectrum(Spectrum);
        using var op = new DenseOperator(matrix);
        var density = SpectralDensity.Estimate(op, probes: 20, steps: 60, seed: 2);
        var exact = SpectralMeasure.Of(Spectrum);
        for (var x = -1.0; x < 8; x += 0.25) density.Distribution(x).Should().BeApproximately(exact.Distribution(x), 0.04);
        density.Distribution(-1.01).Should().Be(0);
        density.Distribution(8).Should().Be(1);
    }

    [Fact]
    public void A_probe_that_exhausts_the_space_is_the_exact_measure_of_its_start_vector()
    {
        using var op = new DiagonalOperator(1, 4, 9, 16);
        var points = SpectralDensity.Quadratures(op, probes: 1, steps: 100, seed: 3, Progress.None)[0];
        double[] expected = [1, 4, 9, 16];
        points.Nodes.Should().HaveCount(4);
        for (var i = 0; i < 4; i++) points.Nodes[i].Should().BeApproximately(expected[i], 1e-12);
        points.Weights.Sum().Should().BeApproximately(1, 1e-14);
    }

    [Fact]
    public void The_smoothed_density_integrates_to_one()
    {
        using var op = new DiagonalOperator([.. Spectrum]);
        var density = SpectralDensity.Estimate(op, probes: 3, steps: 30);
        var width = density.DefaultWidth;
        var integral = 0.0;
        const double step = 0.005;
        for (var x = -3.0; x < 10; x += step) integral += step * density.Density(x, width);
        integral.Should().BeApproximately(1, 1e-6);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void Multiples_of_the_identity_are_one_point(double factor)
    {
        var density = SpectralDensity.Estimate(factor * SymmetricOperator.Identity(50, ScalarType.Float64), probes: 4);
        density.Nodes.Should().OnlyContain(node => Math.Abs(node - factor) < 1e-13);
        density.Weights.Sum().Should().BeApproximately(1, 1e-14);
        density.DefaultWidth.Should().BeApproximately(factor == 0 ? 0.01 : 0.03, 1e-9);
    }

    [Fact]
    public void Seeds_and_only_seeds_matter()
    {
        using var op = new DiagonalOperator([.. Spectrum]);
        var first = SpectralDensity.Estimate(op, 2, 10, seed: 5);
        SpectralDensity.Estimate(op, 2, 10, seed: 5).Nodes.Should().Equal(first.Nodes);
        SpectralDensity.Estimate(op, 2, 10, seed: 6).Nodes.Should().NotEqual(first.Nodes);
    }

    [Fact]
    public void A_measure_of_eigenvalues_counts_them()
    {
        var measure = SpectralMeasure.Of([2, 0, 0, 1]);
        measure.Nodes.Should().Equal(0, 0, 1, 2);
        measure.Distribution(-1e-9).Should().Be(0);
        measure.Distribution(0).Should().Be(0.5);
        measure.Distribution(1.5).Should().Be(0.75);
        measure.Mean(x => x).Should().Be(0.75);
    }

    [Fact]
    public void Requests_that_make_no_sense_are_refused()
    {
        using var op = new DiagonalOperator(1, 2);
        ((Action)(() => SpectralDensity.Estimate(op, probes: 0))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => SpectralDensity.Estimate(op, steps: 0))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => SpectralMeasure.Of([]))).Should().Throw<ArgumentException>();
        ((Action)(() => SpectralMeasure.Of([double.NaN]))).Should().Throw<ArgumentException>();
        ((Action)(() => SpectralMeasure.Of([1]).Density(0, 0))).Should().Throw<ArgumentOutOfRangeException>();
    }
}
