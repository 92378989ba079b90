using LocalHessian.Internal;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Spectra;

public class LanczosTests
{
    [Fact]
    public void Extreme_eigenvalues_are_those_of_the_dense_solver()
    {
        using var scope = NewDisposeScope();
        var a = TestMatrices.Normal(3, 200, 200);
        using var op = new DenseOperator(a + a.t());
        var dense = SymmetricMatrix.Eigenvalues(op.ToDense());
        var result = Lanczos.Eigenvalues(op, largest: 3, smallest: 2);
        double[] expected = [.. dense[..2], .. dense[^3..]];
        result.Converged.Should().BeTrue();
        result.Eigenvalues.Should().HaveCount(5);
        for (var i = 0; i < 5; i++) result.Eigenvalues[i].Should().BeApproximately(expected[i], 1e-10);
        result.Iterations.Should().BeLessThan(200);
    }

    [Fact]
    public void Residuals_are_those_of_the_returned_orthonormal_vectors()
    {
        using var scope = NewDisposeScope();
        var a = TestMatrices.Normal(4, 150, 150);
        using var op = new DenseOperator(a + a.t());
        // Too few steps on purpose: residuals that are not yet round-off can be compared.
        var (result, vectors) = Lanczos.Eigenpairs(op, largest: 2, smallest: 2, new() { MaxSteps = 30 });
        result.Converged.Should().BeFalse();
        var residuals = (op.Apply(vectors) - vectors * tensor(result.Eigenvalues.ToArray())).norm(0).Host<double>();
        for (var i = 0; i < 4; i++) result.Residuals[i].Should().BeApproximately(residuals[i], 1e-10);
        (vectors.t().mm(vectors) - eye(4, dtype: ScalarType.Float64)).abs().max().item<double>().Should().BeLessThan(1e-13);
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    public void The_basis_stays_orthonormal_to_round_off(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        Tensor[] spectra =
        [
            linspace(0, 1, 2000, dtype), linspace(0, 1, 2000, dtype).pow(12), cat([ones(1000, dtype), linspace(3, 3.1, 1000,
                dtype)]),
            // Eigenvalues that converge early, as the outliers of Hessians do, are where orthogonality goes.
            cat([tensor(new[] { 100.0, 50, 20 }).to(dtype), linspace(0, 1, 1997, dtype)]), TestMatrices.Normal(2, 2000, 1,
                dtype).view(-1).pow(3),
        ];
        foreach (var (i, spectrum) in spectra.Index())
        {
            using var op = new DiagonalOperator(spectrum);
            var process = new LanczosProcess(op, 200);
            process.Begin(TestMatrices.Normal(1, 2000, 1, dtype));
            while (process.Step(default)) { }
            var basis = process.Combine(eye(process.Count, dtype: ScalarType.Float64)).to(ScalarType.Float64);
            var loss = (basis.t().mm(basis) - eye(process.Count, dtype: ScalarType.Float64)).abs().max().item<double>();
            // Far from the √eps at which eigenvalues would suffer; without any pass it is of order one.
            loss.Should().BeLessThan(300 * Precision.Epsilon(dtype), $"spectrum {i}");
        }
    }

    [Fact]
    public void A_start_vector_that_lies_in_the_basis_but_for_a_trace_is_orthogonalised_twice()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(linspace(0, 1, 500, ScalarType.Float64));
        var process = new LanczosProcess(op, 40);
        process.Begin(TestMatrices.Normal(1, 500, 1));
        for (var i = 0; i < 10; i++) process.Step(default);
        var inside = process.Combine(TestMatrices.Normal(2, 10, 1)).view(-1);
        // One pass leaves 1e-16 of the part inside, which is a millionth of what is left.
        process.Begin(inside / inside.norm() + 1e-10 * TestMatrices.Normal(3, 500, 1).view(-1));
        process.Step(default);
        var basis = process.Combine(eye(11, dtype: ScalarType.Float64));
        (basis.t().mm(basis) - eye(11, dtype: ScalarType.Float64)).abs().max().item<double>().Should().BeLessThan(1e-13);
    }

    [Fact]
    public void Vectors_are_combined_in_pieces_of_any_width()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(linspace(0, 1, 500, ScalarType.Float64));
        var (whole, pieces) = (new LanczosProcess(op, 8), new LanczosProcess(op, 8) { Piece = 8 * 33 });
        foreach (var process in new[] { whole, pieces })
            LanczosDriver.Run(process, TestMatrices.Normal(1, 500, 1), null, null, Progress.None);
        var coefficients = TestMatrices.Normal(2, 8, 3);
        (pieces.Combine(coefficients) - whole.Combine(coefficients)).abs().max().item<double>().Should().BeLessThan(1e-14);
    }

    [Fact]
    public void More_pairs_than_go_at_once_are_each_their_own()
    {
        using var scope = NewDisposeScope();
        double[] spectrum = [.. Enumerable.Range(1, 100).Select(i => (double)i)];
        using var op = new DenseOperator(TestMatrices.WithSpectrum(spectrum));
        var (result, vectors) = Lanczos.Eigenpairs(op, largest: 70);
        for (var i = 0; i < 70; i++) result.Eigenvalues[i].Should().BeApproximately(31 + i, 1e-9);
        (op.Apply(vectors) - vectors * tensor(result.Eigenvalues.ToArray())).abs().max().item<double>().Should().BeLessThan(1e-9);
        result.Products.Should().Be(result.Iterations + 70);
    }

    [Fact]
    public void Float32_converges_to_its_own_precision()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(linspace(0, 1, 1000, ScalarType.Float32).pow(3));
        var (result, vectors) = Lanczos.Eigenpairs(op, largest: 2);
        result.Converged.Should().BeTrue();
        result.Eigenvalues[1].Should().BeApproximately(1, 1e-5);
        vectors.dtype.Should().Be(ScalarType.Float32);
        Math.Abs(vectors[999, 1].item<float>()).Should().BeApproximately(1, 1e-2f);
    }

    [Fact]
    public void A_half_precision_operator_is_iterated_in_float32()
    {
        using var op = new DiagonalOperator(tensor(new[] { 1.0, 2, 3, 8 }).to(ScalarType.BFloat16));
        Lanczos.Eigenvalues(op).Eigenvalues[0].Should().BeApproximately(8, 0.1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2.5)]
    public void Multiples_of_the_identity_give_every_copy_asked_for(double factor)
    {
        var result = Lanczos.Eigenvalues(factor * SymmetricOperator.Identity(1000, ScalarType.Float64), largest: 3, smallest: 1);
        result.Converged.Should().BeTrue();
        result.Eigenvalues.Should().HaveCount(4).And.OnlyContain(v => Math.Abs(v - factor) < 1e-13);
        result.Iterations.Should().BeLessThan(10);
    }

    [Fact]
    public void A_one_by_one_operator_takes_one_product()
    {
        using var op = new DiagonalOperator(-7.0);
        var (result, vectors) = Lanczos.Eigenpairs(op);
        using var _ = vectors;
        result.Should().BeEquivalentTo(new { Converged = true, Iterations = 1 });
        result.Eigenvalues.Should().Equal(-7);
        Math.Abs(vectors.item<double>()).Should().Be(1);
    }

    [Fact]
    public void An_invariant_start_vector_does_not_hide_the_rest()
    {
        using var start = zeros(50, ScalarType.Float64);
        start.narrow(0, 0, 1).fill_(1);
        using var op = new DiagonalOperator([.. Enumerable.Range(0, 50).Select(i => (double)i)]);
        var result = Lanczos.Eigenvalues(op, largest: 1, smallest: 1, new() { Start = start });
        result.Converged.Should().BeTrue();
        result.Eigenvalues[0].Should().BeApproximately(0, 1e-9);
        result.Eigenvalues[1].Should().BeApproximately(49, 1e-9);
    }

    [Fact]
    public void Copies_of_a_multiple_eigenvalue_are_found_after_a_breakdown()
    {
        using var scope = NewDisposeScope();
        double[] spectrum = [5, 5, 5, .. Enumerable.Repeat(1.0, 97)];
        using var op = new DenseOperator(TestMatrices.WithSpectrum(spectrum));
        var (result, vectors) = Lanczos.Eigenpairs(op, largest: 4);
        result.Converged.Should().BeTrue();
        double[] expected = [1, 5, 5, 5];
        for (var i = 0; i < 4; i++) result.Eigenvalues[i].Should().BeApproximately(expected[i], 1e-10);
        (vectors.t().mm(vectors) - eye(4, dtype: ScalarType.Float64)).abs().max().item<double>().Should().BeLessThan(1e-12);
    }

    [Fact]
    public void A_low_rank_operator_ends_in_a_breakdown_just_after_its_rank()
    {
        using var scope = NewDisposeScope();
        var z = TestMatrices.Normal(5, 300, 8);
        using var op = new DenseOperator(z.mm(z.t()));
        var result = Lanczos.Eigenvalues(op, largest: 8);
        result.Converged.Should().BeTrue();
        result.Iterations.Should().BeLessThan(15);
        var gram = SymmetricMatrix.Eigenvalues(z.t().mm(z));
        for (var i = 0; i < 8; i++) result.Eigenvalues[i].Should().BeApproximately(gram[i], 1e-9);
    }

    [Fact]
    public void More_steps_than_dimensions_give_the_whole_spectrum()
    {
        using var scope = NewDisposeScope();
        double[] spectrum = [-2, -1, 0.5, 0.5, 3, 4];
        using var op = new DenseOperator(TestMatrices.WithSpectrum(spectrum));
        var result = Lanczos.Eigenvalues(op, largest: 6, options: new() { MaxSteps = 1000 });
        result.Converged.Should().BeTrue();
        result.Iterations.Should().BeInRange(6, 7);
        for (var i = 0; i < 6; i++) result.Eigenvalues[i].Should().BeApproximately(spectrum[i], 1e-12);
    }

    [Fact]
    public void Few_steps_are_reported_as_not_converged()
    {
        using var op = new DiagonalOperator(linspace(0, 1, 500, ScalarType.Float64));
        var result = Lanczos.Eigenvalues(op, options: new() { MaxSteps = 4 });
        result.Converged.Should().BeFalse();
        result.Iterations.Should().Be(4);
        (1 - result.Eigenvalues[0]).Should().BeLessThan(result.Residuals[0]);
    }

    [Theory]
    [InlineData(1e-250)]
    [InlineData(1e250)]
    public void Very_small_and_very_large_operators_are_scaled_copies_of_the_usual_one(double scale)
    {
        using var op = new DiagonalOperator(linspace(0, 1, 30, ScalarType.Float64));
        using var start = full(30, scale, ScalarType.Float64);
        var result = Lanczos.Eigenvalues(Math.Min(scale, 1e150) * op, options: new() { Start = start });
        result.Converged.Should().BeTrue();
        (result.Eigenvalues[0] / Math.Min(scale, 1e150)).Should().BeApproximately(1, 1e-9);
    }

    [Fact]
    public void A_seed_fixes_the_result_and_the_global_random_state_stays()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(linspace(0, 1, 400, ScalarType.Float64));
        var state = get_rng_state();
        var options = new LanczosOptions { MaxSteps = 12, Seed = 7 };
        var first = Lanczos.Eigenvalues(op, options: options);
        _ = SpectralDensity.Estimate(op, 2, 10);
        _ = TraceEstimator.Hutchinson(op);
        _ = TraceEstimator.HutchPlusPlus(op);
        get_rng_state().eq(state).all().item<bool>().Should().BeTrue();
        manual_seed(99);
        Lanczos.Eigenvalues(op, options: options).Eigenvalues.Should().Equal(first.Eigenvalues);
        Lanczos.Eigenvalues(op, options: options with { Seed = 8 }).Eigenvalues.Should().NotEqual(first.Eigenvalues);
    }

    [Fact]
    public void Requests_that_make_no_sense_are_refused()
    {
        using var scope = NewDisposeScope();
        using var op = new DiagonalOperator(1, 2, 3);
        Refused<ArgumentOutOfRangeException>(() => Lanczos.Eigenvalues(op, 0));
        Refused<ArgumentOutOfRangeException>(() => Lanczos.Eigenvalues(op, -1));
        Refused<ArgumentOutOfRangeException>(() => Lanczos.Eigenvalues(op, 2, 2));
        Refused<ArgumentOutOfRangeException>(() => Lanczos.Eigenvalues(op, int.MaxValue, int.MaxValue));
        Refused<ArgumentOutOfRangeException>(() => Lanczos.Eigenvalues(op, 2, options: new() { MaxSteps = 1 }));
        Refused<ArgumentOutOfRangeException>(() => Lanczos.Eigenvalues(op, options: new() { Tolerance = double.NaN }));
        Refused<ArgumentException>(() => Lanczos.Eigenvalues(op, options: new() { Start = zeros(3, ScalarType.Float64) }));
        Refused<ArgumentException>(() => Lanczos.Eigenvalues(op, options: new() { Start = ones(4, ScalarType.Float64) }));
        Refused<ArgumentException>(() => Lanczos.Eigenvalues(op, options: new() { Start = ones(3) }));
        Refused<ArgumentException>(() => Lanczos.Eigenvalues(op, options: new() { Start = tensor(new[] { 1, 2, double.NaN }) }));
        using var infinite = new DiagonalOperator(1, double.PositiveInfinity);
        Refused<InvalidOperationException>(() => Lanczos.Eigenvalues(infinite));
        Refused<ArgumentNullException>(() => Lanczos.Eigenvalues(null!));
    }

    [Fact]
    public void A_basis_too_large_for_memory_is_refused_before_allocation()
    {
        var identity = SymmetricOperator.Identity(1L << 33, ScalarType.Float64);
        Refused<MatrixTooLargeException>(() => Lanczos.Eigenvalues(identity, options: new() { MaxSteps = 100_000 }));
    }

    [Fact]
    public void Spectral_routines_leave_no_live_tensor_behind_also_when_they_throw()
    {
        using var op = new DiagonalOperator(linspace(0, 1, 100, ScalarType.Float64));
        using var infinite = new DiagonalOperator(1, double.PositiveInfinity);
        using var matrix = eye(5);
        _ = Lanczos.Eigenvalues(op);
        var before = LiveTensors.Count();
        _ = Lanczos.Eigenvalues(op, 2, 2);
        Lanczos.Eigenpairs(op).Vectors.Dispose();
        _ = SpectralDensity.Estimate(op);
        _ = TraceEstimator.Hutchinson(op);
        _ = TraceEstimator.HutchPlusPlus(op);
        _ = NonZeroSpectrum.OfOperator(op, steps: 20);
        _ = NonZeroSpectrum.OfOperator(op);
        _ = NonZeroSpectrum.OfMatrix(matrix);
        _ = SymmetricMatrix.Eigenvalues(matrix);
        Refused<InvalidOperationException>(() => Lanczos.Eigenvalues(infinite));
        Refused<InvalidOperationException>(() => TraceEstimator.Hutchinson(infinite));
        Refused<InvalidOperationException>(() => TraceEstimator.HutchPlusPlus(infinite));
        Refused<InvalidOperationException>(() => SpectralDensity.Estimate(infinite));
        LiveTensors.Count().Should().Be(before);
    }

    private static void Refused<T>(Action action) where T : Exception => action.Should().Throw<T>();
}
