using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Operators;

public class OperatorTests
{
    private static readonly Tensor A = Symmetric(1), B = Symmetric(2);

    [Fact]
    public void Arithmetic_of_operators_is_arithmetic_of_matrices()
    {
        using var scope = NewDisposeScope();
        using var a = new DenseOperator(A);
        using var b = new DenseOperator(B);
        SymmetricOperator symmetric = 2.5 * a - (-b + SymmetricOperator.Identity(5, ScalarType.Float64, TestDevice.Current));
        ShouldBe(symmetric.ToDense(), 2.5 * A + B - eye(5, dtype: ScalarType.Float64));
        LinearOperator general = a * b + 3 * (b * a) - -(a * a);
        ShouldBe(general.ToDense(), A.mm(B) + 3 * B.mm(A) + A.mm(A));
    }

    [Fact]
    public void Both_factors_of_a_combination_count()
    {
        using var scope = NewDisposeScope();
        using var a = new DenseOperator(A);
        using var b = new DenseOperator(B);
        ShouldBe(new LinearCombination(2.5, a, -3, b).ToDense(), 2.5 * A - 3 * B);
    }

    [Fact]
    public void A_dense_matrix_is_written_in_blocks_of_any_width()
    {
        using var scope = NewDisposeScope();
        using var a = new DenseOperator(A);
        foreach (var width in new[] { 1, 2, 3, 5, 9 }) ShouldBe(a.ToDense(null, Progress.None, width), A);
    }

    [Fact]
    public void A_vector_and_columns_give_the_same_products()
    {
        using var scope = NewDisposeScope();
        using var a = new DenseOperator(A);
        var columns = randn(5, 3, ScalarType.Float64);
        ShouldBe(a.Apply(columns), A.mm(columns));
        ShouldBe(a.Apply(columns.select(1, 1)), A.mv(columns.select(1, 1)));
        a.Apply(zeros(5, 0, ScalarType.Float64)).shape.Should().Equal(5, 0);
    }

    [Fact]
    public void Wrong_vectors_are_refused_with_both_sides_named()
    {
        using var scope = NewDisposeScope();
        using var a = new DenseOperator(A);
        ((Action)(() => a.Apply(zeros(4, ScalarType.Float64)))).Should().Throw<ArgumentException>().WithMessage("*[5]*[4]*");
        ((Action)(() => a.Apply(zeros(5, 1, 1, ScalarType.Float64)))).Should().Throw<ArgumentException>();
        ((Action)(() => a.Apply(tensor(1.0)))).Should().Throw<ArgumentException>();
        ((Action)(() => a.Apply(zeros(5)))).Should().Throw<ArgumentException>().WithMessage("*Float64*Float32*");
        ((Action)(() => a.Apply(zeros(5, ScalarType.Float64, META)))).Should().Throw<ArgumentException>()
            .WithMessage($"*{A.device}*meta*");
        ((Action)(() => a.Apply(null!))).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void Unlike_operators_and_non_finite_factors_are_refused()
    {
        using var a = new DenseOperator(A);
        var other = SymmetricOperator.Identity(4, ScalarType.Float64);
        var single = SymmetricOperator.Identity(5);
        ((Action)(() => _ = a + other)).Should().Throw<ArgumentException>().WithMessage("*5 Float64*4 Float64*");
        ((Action)(() => _ = a * single)).Should().Throw<ArgumentException>().WithMessage("*Float32*");
        ((Action)(() => _ = double.NaN * a)).Should().Throw<ArgumentException>().WithMessage("*NaN*");
        ((Action)(() => SymmetricOperator.Identity(0))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => SymmetricOperator.Identity(3, ScalarType.Int64))).Should().Throw<ArgumentException>()
            .WithMessage("*Int64*");
    }

    [Theory]
    [InlineData(1L << 20)]
    [InlineData(1L << 40)] // its square overflows 64 bits
    public void A_matrix_too_large_for_memory_is_refused_before_allocation(long size)
    {
        var identity = SymmetricOperator.Identity(size, ScalarType.Float64);
        var error = ((Action)(() => identity.ToDense())).Should().Throw<MatrixTooLargeException>()
            .WithMessage("*bytes*Lanczos*").Which;
        error.BytesNeeded.Should().Be(new System.Numerics.BigInteger(size) * size * 8);
        ((Action)(() => SymmetricOperator.Identity(3).ToDense(maxBytes: 35))).Should().Throw<MatrixTooLargeException>();
        SymmetricOperator.Identity(3).ToDense(maxBytes: 36).Dispose();
    }

    [Fact]
    public void A_product_of_the_wrong_shape_is_blamed_on_the_subclass()
    {
        using var x = zeros(3);
        ((Action)(() => new WrongShape().Apply(x))).Should().Throw<InvalidOperationException>()
            .WithMessage("WrongShape.Multiply*[2, 1]*");
    }

    [Fact]
    public void A_disposed_operator_says_so_also_through_a_combination()
    {
        using var x = zeros(5, ScalarType.Float64);
        var a = new DenseOperator(A);
        var sum = a + SymmetricOperator.Identity(5, ScalarType.Float64, TestDevice.Current);
        a.Dispose();
        a.Dispose();
        ((Action)(() => sum.Apply(x))).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void A_dense_operator_outlives_the_tensor_it_was_given()
    {
        using var scope = NewDisposeScope();
        var copy = A.clone();
        using var a = new DenseOperator(copy);
        copy.Dispose();
        ShouldBe(a.ToDense(), A);
    }

    [Fact]
    public void Ten_thousand_products_leave_the_number_of_live_tensors_unchanged()
    {
        using var a = new DenseOperator(A);
        using var b = new DenseOperator(B);
        var mixed = a * b + (2 * a - b);
        using var x = ones(5, ScalarType.Float64);
        using var wrong = ones(4, ScalarType.Float64);
        var before = LiveTensors.Count();
        for (var i = 0; i < 10_000; i++) mixed.Apply(x).Dispose();
        for (var i = 0; i < 100; i++) ((Action)(() => mixed.Apply(wrong))).Should().Throw<ArgumentException>();
        LiveTensors.Count().Should().Be(before);
    }

    private static Tensor Symmetric(int seed)
    {
        using var scope = NewDisposeScope();
        var x = Draws.Normal(seed, [5, 5]);
        return (x + x.t()).DetachFromDisposeScope();
    }

    private static void ShouldBe(Tensor actual, Tensor expected) =>
        (actual - expected).abs().max().item<double>().Should().BeLessThan(1e-13);

    private sealed class WrongShape() : SymmetricOperator(3, ScalarType.Float32, TestDevice.Current)
    {
        protected override Tensor Multiply(Tensor columns) => zeros(2, 1);
    }
}
