using CsCheck;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

/// <summary>A pair that is called converged has the residual that one more product shows, in every dtype.</summary>
public class TrueConvergenceTests
{
    [Fact]
    public void Outliers_of_a_large_float32_operator_are_what_they_are_said_to_be()
    {
        using var scope = NewDisposeScope();
        double[] outliers = [118, 126, 162, 386, 866];
        var diagonal = TestMatrices.Normal(1, 100_000, 1).view(-1) * 0.01;
        diagonal.narrow(0, 0, 5).copy_(tensor(outliers));
        using var op = new DiagonalOperator(diagonal.to(ScalarType.Float32));
        for (var seed = 0; seed < 4; seed++)
        {
            var (result, vectors) = Lanczos.Eigenpairs(op, largest: 5, options: new() { Seed = seed });
            result.Converged.Should().BeTrue();
            ShouldBeTrue(op, result, vectors);
            // ten times eps·λ: round-off of a product, not of sums over n entries
            result.Residuals.Max().Should().BeLessThan(2e-3);
            for (var i = 0; i < 5; i++) result.Eigenvalues[i].Should().BeApproximately(outliers[i], 1e-4);
        }
    }

    [Fact]
    public void In_bfloat16_what_is_called_converged_is_within_its_tolerance_of_the_truth()
    {
        using var scope = NewDisposeScope();
        // A dense top of the spectrum, where a vector of mediocre quality gives an eigenvalue of mediocre quality; and one
        // apart from a narrow bulk, whose small β is no breakdown.
        var dense = linspace(0, 1, 3000, ScalarType.Float64);
        var apart = cat([dense * 0.2 - 0.1, ones(1, ScalarType.Float64)]);
        foreach (var (spectrum, top) in new (Tensor, double[])[] { (dense, [1]), (apart, [0.1, 1]) })
        {
            using var op = new DiagonalOperator(spectrum.to(ScalarType.BFloat16));
            var (result, vectors) = Lanczos.Eigenpairs(op, top.Length, options: new() { MaxSteps = 300 });
            result.Converged.Should().BeTrue();
            ShouldBeTrue(op, result, vectors);
            for (var i = 0; i < top.Length; i++) result.Eigenvalues[i].Should().BeApproximately(top[i], 0.01);
        }
    }

    [Fact]
    public void Residuals_that_round_off_keeps_above_the_tolerance_are_not_called_converged()
    {
        using var scope = NewDisposeScope();
        using var exact = new DenseOperator(TestMatrices.WithSpectrum([.. Enumerable.Range(1, 200).Select(i => 100.0 / i)]));
        using var op = new Noisy(exact, 1e-6);
        var (result, vectors) = Lanczos.Eigenpairs(op, largest: 3);
        result.Converged.Should().BeFalse();
        result.Residuals.Max().Should().BeInRange(1e-5, 3e-4); // the recurrence alone would have said 1e-9
        result.Iterations.Should().BeLessThan(100); // and it does not go on for what it cannot reach
        var (loose, _) = Lanczos.Eigenpairs(op, largest: 3, options: new() { Tolerance = 1e-4 });
        loose.Converged.Should().BeTrue();
        loose.Residuals.Max().Should().BeGreaterThan(1e-5);
    }

    [Fact]
    public void Converged_extremes_of_the_non_zero_spectrum_are_close_to_the_truth_or_not_called_so()
    {
        using var scope = NewDisposeScope();
        // The smallest lies below the round-off of products with the largest.
        double[] spectrum = [1e-5, .. Enumerable.Range(0, 499).Select(i => 1 + i / 10.0)];
        using var single = new DenseOperator(TestMatrices.WithSpectrum(spectrum).to(ScalarType.Float32));
        var result = NonZeroSpectrum.OfOperator(single, steps: 300, probes: 2, threshold: 1e-9);
        result.Converged.Should().BeFalse();
        using var good = new DenseOperator(TestMatrices.WithSpectrum([.. spectrum.Skip(1)]).to(ScalarType.Float32));
        var fine = NonZeroSpectrum.OfOperator(good, steps: 300, probes: 2);
        fine.Converged.Should().BeTrue();
        fine.SmallestNonZero.Should().BeApproximately(1, 1e-3);
    }

    [Fact]
    public void Whatever_the_spectrum_and_the_dtype_reported_residuals_are_true()
    {
        var cases = Gen.Select(
            Gen.Int[20, 3000], Gen.OneOfConst(ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16),
            Gen.Int[0, 4], Gen.Int[0, 3], Gen.Int[1, 3], Gen.Int[0, 1000]);
        cases.Sample(ShouldBeTrueAndOrthonormal, iter: 60, threads: 1);
    }

    /// <summary>Found by the test above: products rounded to bfloat16 spoilt the basis from step to step.</summary>
    [Fact]
    public void Vectors_of_half_precision_are_orthonormal_to_its_round_off() =>
        ShouldBeTrueAndOrthonormal(390, ScalarType.BFloat16, shape: 3, smallest: 3, largest: 2, seed: 149);

    private static void ShouldBeTrueAndOrthonormal(
        int size, ScalarType dtype, int shape, int smallest, int largest, int seed)
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(Spectrum(shape, size, seed).to(dtype));
        var (result, vectors) = Lanczos.Eigenpairs(op, largest, smallest, new() { Seed = seed, MaxSteps = 60 });
        ShouldBeTrue(op, result, vectors);
        var gram = vectors.to(ScalarType.Float64);
        var loss = (gram.t().mm(gram) - eye(largest + smallest, dtype: ScalarType.Float64)).abs().max().item<double>();
        var isHalf = dtype is ScalarType.Float16 or ScalarType.BFloat16;
        loss.Should().BeLessThan((isHalf ? 4 : 400) * LocalHessian.Internal.Precision.Epsilon(dtype));
    }

    /// <summary>Uniform, with outliers, with clusters, decaying, or rank-deficient; magnitudes that float16 can hold.</summary>
    private static Tensor Spectrum(int shape, int size, int seed)
    {
        var normal = TestMatrices.Normal(seed, size, 1).view(-1);
        switch (shape)
        {
            case 0: return linspace(-1, 1, size, ScalarType.Float64);
            case 1:
                var outliers = normal * 0.01;
                outliers.narrow(0, 0, 5).copy_(tensor(new[] { 866, 386, -162, 126, 118.0 }));
                return outliers;
            case 2: return normal.sign() * (1 + 1e-3 * normal);
            case 3: return (linspace(0, 1, size, ScalarType.Float64) * -8).exp();
            default: return normal * (normal > 1).to(ScalarType.Float64);
        }
    }

    private static void ShouldBeTrue(SymmetricOperator op, LanczosResult result, Tensor vectors)
    {
        var v = vectors.to(ScalarType.Float64);
        var residuals = (op.Apply(vectors).to(ScalarType.Float64) - v * tensor(result.Eigenvalues.ToArray()))
            .norm(0).Host<double>();
        // Both sums are float64, whatever the dtype: they may differ by their own round-off.
        var roundOff = 4 * LocalHessian.Internal.Precision.Epsilon(ScalarType.Float64) * result.Eigenvalues.Max(Math.Abs);
        for (var i = 0; i < residuals.Length; i++)
            residuals[i].Should().BeLessThanOrEqualTo(result.Residuals[i] * 1.01 + roundOff);
        if (result.Converged) result.Residuals.Should().OnlyContain(r => r <= result.Tolerance);
        result.Eigenvalues.Should().BeInAscendingOrder();
    }

    /// <summary>Products with relative errors of a given size, the same for the same vector.</summary>
    private sealed class Noisy(SymmetricOperator op, double noise) : SymmetricOperator(op.Size, op.Dtype, op.Device)
    {
        protected override Tensor Multiply(Tensor columns)
        {
            var product = op.Apply(columns);
            return product + noise / Math.Sqrt(Size) * product.norm(0, keepdim: true) * (1e7 * columns).sin();
        }
    }
}
