using LocalHessian.Tests.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Operators;

public class SymmetricMatrixTests
{
    [Fact]
    public void Eigenvalues_come_back_ascending_and_sum_to_the_trace()
    {
        using var scope = NewDisposeScope();
        double[] spectrum = [-3, -1, 0, 0, 2, 7.5];
        var matrix = TestMatrices.WithSpectrum(spectrum);
        var values = SymmetricMatrix.Eigenvalues(matrix);
        for (var i = 0; i < spectrum.Length; i++) values[i].Should().BeApproximately(spectrum[i], 1e-13);
        values.Sum().Should().BeApproximately(matrix.trace().item<double>(), 1e-13);
    }

    [Theory]
    [InlineData(ScalarType.Float32, 1e-6)]
    [InlineData(ScalarType.Float16, 1e-6)] // computed in float32
    [InlineData(ScalarType.BFloat16, 1e-6)]
    public void Other_precisions_are_taken(ScalarType dtype, double tolerance)
    {
        using var scope = NewDisposeScope();
        var values = SymmetricMatrix.Eigenvalues(tensor(new double[,] { { 2, 1 }, { 1, 2 } }).to(dtype));
        values[0].Should().BeApproximately(1, tolerance);
        values[1].Should().BeApproximately(3, tolerance);
    }

    [Fact]
    public void A_one_by_one_matrix_is_its_own_eigenvalue()
    {
        using var one = tensor(new double[,] { { -4 } });
        SymmetricMatrix.Eigenvalues(one).Should().Equal(-4);
    }

    [Fact]
    public void What_is_not_a_finite_square_symmetric_matrix_is_refused()
    {
        using var scope = NewDisposeScope();
        Refused(zeros(2, 3, ScalarType.Float64), "*[n, n]*[2, 3]*");
        Refused(zeros(0, 0, ScalarType.Float64), "*[0, 0]*");
        Refused(zeros(4, ScalarType.Float64), "*[4]*");
        Refused(zeros(2, 2, ScalarType.Int64), "*Int64*");
        Refused(zeros(2, 2, ScalarType.ComplexFloat64), "*Complex*");
        Refused(tensor(new[,] { { 1, double.NaN }, { double.NaN, 1 } }), "*NaN*");
        Refused(tensor(new[,] { { 1, double.PositiveInfinity }, { double.PositiveInfinity, 1 } }), "*infinite*");
        Refused(tensor(new[,] { { 1, 2.0 }, { 2.001, 1 } }), "*not symmetric*0.001*tolerance*");
        ((Action)(() => SymmetricMatrix.ThrowUnlessSymmetric(null!))).Should().Throw<ArgumentNullException>();
        ((Action)(() => SymmetricMatrix.ThrowUnlessSymmetric(eye(2), double.NaN))).Should().Throw<ArgumentOutOfRangeException>();
    }

    [Fact]
    public void The_tolerance_for_asymmetry_is_round_off_unless_given()
    {
        using var scope = NewDisposeScope();
        var matrix = TestMatrices.Normal(1, 40, 30);
        SymmetricMatrix.ThrowUnlessSymmetric(matrix.mm(matrix.t()));
        // 8·n·eps of the largest entry is allowed, and no more.
        foreach (var n in new[] { 4, 40 })
        {
            var ones = torch_ones(n);
            ones[0, n - 1] = 1 + 6 * n * Math.ScaleB(1, -52);
            SymmetricMatrix.ThrowUnlessSymmetric(ones);
            ones[0, n - 1] = 1 + 12 * n * Math.ScaleB(1, -52);
            ((Action)(() => SymmetricMatrix.ThrowUnlessSymmetric(ones))).Should().Throw<ArgumentException>();
        }

        var skewed = tensor(new[,] { { 1, 2.0 }, { 2.001, 1 } });
        var values = SymmetricMatrix.Eigenvalues(skewed, tolerance: 1e-3);
        values[1].Should().BeApproximately(3.0005, 1e-12); // the mean of both triangles
    }

    [Fact]
    public void Entries_near_the_end_of_the_range_do_not_overflow_the_check()
    {
        using var huge = tensor(new[,] { { 1e308, -1.7e308 }, { -1.7e308, 1e308 } });
        SymmetricMatrix.ThrowUnlessSymmetric(huge);
    }

    private static Tensor torch_ones(long n) => ones(n, n, ScalarType.Float64);

    private static void Refused(Tensor matrix, string message)
    {
        ((Action)(() => SymmetricMatrix.Eigenvalues(matrix))).Should().Throw<ArgumentException>().WithMessage(message);
        ((Action)(() => _ = new DenseOperator(matrix))).Should().Throw<ArgumentException>().WithMessage(message);
    }
}
