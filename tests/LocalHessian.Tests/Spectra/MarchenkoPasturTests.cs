using LocalHessian.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

public class MarchenkoPasturTests
{
    [Fact]
    public void What_is_not_a_number_has_no_density_and_no_share()
    {
        foreach (var law in new[] { new MarchenkoPastur(0.5), new MarchenkoPastur(2) })
        {
            law.Density(double.NaN).Should().Be(double.NaN);
            law.Distribution(double.NaN).Should().Be(double.NaN);
        }

        var measure = SpectralMeasure.Of([1, 2]);
        measure.Density(double.NaN, 1).Should().Be(double.NaN);
        measure.Distribution(double.NaN).Should().Be(double.NaN);
    }

    public static TheoryData<double, double> Laws => new() { { 0.25, 1 }, { 0.9, 0.5 }, { 1, 2 }, { 1.1, 1 }, { 4, 3 } };

    [Theory]
    [MemberData(nameof(Laws))]
    public void The_density_integrates_to_one_minus_the_atom_and_is_the_slope_of_the_distribution(double ratio, double variance)
    {
        var law = new MarchenkoPastur(ratio, variance);
        Integral(law, _ => 1).Should().BeApproximately(1 - law.Atom, 1e-9);
        law.Atom.Should().BeApproximately(Math.Max(0, 1 - ratio), 1e-15);
        law.Distribution(law.UpperEdge - 1e-15).Should().BeApproximately(1, 1e-12);
        for (var part = 0.1; part < 1; part += 0.2)
        {
            var x = law.LowerEdge + part * (law.UpperEdge - law.LowerEdge);
            const double h = 1e-5;
            ((law.Distribution(x + h) - law.Distribution(x - h)) / (2 * h)).Should().BeApproximately(law.Density(x), 1e-6);
        }
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void Moments_are_the_closed_forms(double ratio, double variance)
    {
        // Narayana numbers: m_k = σ^{2k} Σ_r C(k,r) C(k−1,r)/(r+1)·c^{−r}, the atom adds nothing.
        var (law, y) = (new MarchenkoPastur(ratio, variance), 1 / ratio);
        Integral(law, x => x).Should().BeApproximately(variance, 1e-8);
        Integral(law, x => x * x).Should().BeApproximately(variance * variance * (1 + y), 1e-7);
        Integral(law, x => x * x * x).Should().BeApproximately(Math.Pow(variance, 3) * (1 + 3 * y + y * y), 1e-5);
    }

    [Fact]
    public void Support_and_density_are_those_of_equation_11()
    {
        var law = new MarchenkoPastur(0.25, 2);
        law.LowerEdge.Should().BeApproximately(2 * 0.25 / 0.25, 1e-15);
        law.UpperEdge.Should().BeApproximately(2 * 2.25 / 0.25, 1e-15);
        law.Density(10).Should().BeApproximately(0.25 / (4 * Math.PI) * Math.Sqrt(8 * 8) / 10, 1e-15);
        law.Atom.Should().Be(0.75);
        law.Distribution(0).Should().Be(0.75);
        law.Distribution(-1e-300).Should().Be(0);
    }

    [Fact]
    public void After_batch_norm_support_and_density_are_those_of_equation_19()
    {
        var law = MarchenkoPastur.AfterBatchNorm(4);
        law.LowerEdge.Should().BeApproximately(1, 1e-15);
        law.UpperEdge.Should().BeApproximately(9, 1e-14);
        law.Density(5).Should().BeApproximately(Math.Sqrt(16) / (2 * Math.PI * 5), 1e-15);
        MarchenkoPastur.AfterBatchNorm(0.5).Atom.Should().Be(0.5);
    }

    [Theory]
    [MemberData(nameof(Laws))]
    public void The_quantile_inverts_the_distribution(double ratio, double variance)
    {
        var law = new MarchenkoPastur(ratio, variance);
        for (var p = law.Atom + 0.01; p < 1; p += 0.1) law.Distribution(law.Quantile(p)).Should().BeApproximately(p, 1e-9);
        law.Quantile(law.Atom / 2).Should().Be(law.Atom > 0 ? 0 : law.LowerEdge);
        law.Quantile(1).Should().BeApproximately(law.UpperEdge, 1e-6);
    }

    [Theory]
    [InlineData(100, 200)]
    [InlineData(200, 200)]
    [InlineData(300, 100)]
    public void Random_weights_follow_equation_11_and_only_at_the_right_scale(int outputs, int inputs)
    {
        using var scope = NewDisposeScope();
        var w = TestMatrices.Normal(1, outputs, inputs) * 0.3;
        var spectrum = SpectralMeasure.Of(SymmetricMatrix.Eigenvalues(w.t().mm(w)));
        var law = MarchenkoPastur.OfWeights(outputs, inputs, 0.09);
        // Eigenvalues are rigid: the distance is of order 1/m, not 1/√m.
        law.KolmogorovSmirnov(spectrum).Should().BeLessThan(4.0 / inputs);
        law.Wasserstein(spectrum).Should().BeLessThan(4.0 / inputs * law.Variance);
        new MarchenkoPastur(law.Ratio, 1.2 * law.Variance).KolmogorovSmirnov(spectrum).Should().BeGreaterThan(8.0 / inputs);
    }

    [Theory]
    [InlineData(100, 200)]
    [InlineData(300, 100)]
    public void Rows_of_unit_norm_follow_equation_19_whatever_their_scale_was(int outputs, int inputs)
    {
        using var scope = NewDisposeScope();
        var w = TestMatrices.Normal(2, outputs, inputs) * 17;
        w /= w.norm(1, keepdim: true);
        var spectrum = SpectralMeasure.Of(SymmetricMatrix.Eigenvalues(w.t().mm(w)));
        MarchenkoPastur.AfterBatchNorm((double)outputs / inputs).KolmogorovSmirnov(spectrum).Should().BeLessThan(4.0 / inputs);
    }

    [Fact]
    public void Float32_zeros_are_recognised_with_a_threshold_of_their_precision()
    {
        using var scope = NewDisposeScope();
        var w = TestMatrices.Normal(3, 100, 300, ScalarType.Float32);
        var spectrum = SpectralMeasure.Of(SymmetricMatrix.Eigenvalues(w.t().mm(w) / 100));
        var law = new MarchenkoPastur(1 / 3.0);
        law.KolmogorovSmirnov(spectrum).Should().BeGreaterThan(0.2); // round-off below zero misses the atom
        law.KolmogorovSmirnov(spectrum, zero: 1e-3).Should().BeLessThan(0.02);
    }

    [Fact]
    public void An_estimated_density_is_close_to_the_law_too()
    {
        using var scope = NewDisposeScope();
        var w = TestMatrices.Normal(4, 150, 300);
        using var op = new DenseOperator(w.t().mm(w) / 150);
        var density = SpectralDensity.Estimate(op, probes: 10, steps: 40);
        new MarchenkoPastur(0.5).KolmogorovSmirnov(density, zero: 1e-6).Should().BeLessThan(0.05);
    }

    [Fact]
    public void Distances_are_those_of_a_numerical_integration()
    {
        var law = new MarchenkoPastur(0.5);
        var spectrum = SpectralMeasure.Of([-0.5, 0, 0, 1, 4, 7]);
        var (area, largest) = (0.0, 0.0);
        const double step = 1e-4;
        for (var x = -1.0; x < 8; x += step)
        {
            var difference = Math.Abs(law.Distribution(x + step / 2) - spectrum.Distribution(x + step / 2));
            (area, largest) = (area + step * difference, Math.Max(largest, difference));
        }
        law.Wasserstein(spectrum).Should().BeApproximately(area, 1e-4);
        law.KolmogorovSmirnov(spectrum).Should().BeApproximately(largest, 1e-3);
    }

    [Fact]
    public void Quantiles_of_the_law_are_as_close_to_it_as_their_number_allows()
    {
        var law = new MarchenkoPastur(2);
        var spectrum = SpectralMeasure.Of(Enumerable.Range(0, 50).Select(i => law.Quantile((i + 0.5) / 50)));
        law.KolmogorovSmirnov(spectrum).Should().BeApproximately(0.01, 1e-9);
        SpectralMeasure.Of(spectrum.Nodes.Select(x => x + 100)).Mean(x => x)
            .Should().BeApproximately(spectrum.Mean(x => x) + 100, 1e-9);
        law.Wasserstein(SpectralMeasure.Of(spectrum.Nodes.Select(x => x + 100))).Should().BeApproximately(
            100 + spectrum.Mean(x => x) - law.Variance, 1e-9);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Ratios_and_variances_are_finite_and_above_zero(double value)
    {
        ((Action)(() => _ = new MarchenkoPastur(value))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => _ = new MarchenkoPastur(1, value))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => MarchenkoPastur.AfterBatchNorm(value))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => MarchenkoPastur.OfWeights(2, 2, value))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => new MarchenkoPastur(1).Quantile(value - 1.5))).Should().Throw<ArgumentOutOfRangeException>();
    }

    /// <summary>
    /// ∫ f·density by the midpoint rule in the angle φ, λ = c₋ + (c₊ − c₋) sin²φ, where the integrand is smooth.
    /// </summary>
    private static double Integral(MarchenkoPastur law, Func<double, double> f)
    {
        const int points = 20_000;
        var (sum, width) = (0.0, law.UpperEdge - law.LowerEdge);
        for (var i = 0; i < points; i++)
        {
            var (sin, cos) = Math.SinCos((i + 0.5) * Math.PI / 2 / points);
            var x = law.LowerEdge + width * sin * sin;
            sum += f(x) * law.Density(x) * 2 * width * sin * cos;
        }
        return sum * Math.PI / 2 / points;
    }
}
