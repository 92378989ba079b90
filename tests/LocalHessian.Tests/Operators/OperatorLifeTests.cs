using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Operators;

/// <summary>What an operator owns, when it stops, how many vectors it is given, and on which device.</summary>
public class OperatorLifeTests
{
    [Fact]
    public void What_a_subclass_owns_is_released_once_and_by_Dispose()
    {
        var op = new Counting();
        op.Released.Should().Be(0);

        op.Dispose();
        op.Released.Should().Be(1);

        op.Dispose();
        op.Released.Should().Be(1);
    }

    [Fact]
    public void A_disposed_operator_makes_no_dense_matrix_and_says_that_it_is_disposed()
    {
        var op = new Counting();
        op.Dispose();

        ((Action)(() => op.ToDense())).Should().Throw<ObjectDisposedException>();
        ((Action)(() => op.ToDense(maxBytes: 0))).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void A_call_that_is_cancelled_makes_no_product()
    {
        using var op = new Counting();

        ((Action)(() => op.Apply(ones(3), new CancellationToken(true)))).Should().Throw<OperationCanceledException>();

        op.Products.Should().Be(0);
    }

    [Fact]
    public void The_token_is_that_of_the_call_and_gone_after_it()
    {
        using var scope = NewDisposeScope();
        using var source = new CancellationTokenSource();
        using var op = new Counting();

        op.Apply(ones(3), source.Token);
        op.Seen.Should().Be(source.Token);
        op.After.Should().Be(CancellationToken.None);

        op.Fails = true;
        ((Action)(() => op.Apply(ones(3), source.Token))).Should().Throw<InvalidOperationException>();
        op.After.Should().Be(CancellationToken.None);
    }

    [Fact]
    public void No_device_is_refused_by_name()
    {
        ((Action)(() => _ = new Counting(null!))).Should().Throw<ArgumentNullException>().Which.ParamName.Should().Be("device");
        ((Action)(() => MatrixTooLargeException.DefaultLimitOn(null!))).Should().Throw<ArgumentNullException>()
            .Which.ParamName.Should().Be("device");
    }

    [Fact]
    public void No_columns_are_no_product()
    {
        using var scope = NewDisposeScope();
        using var op = new Counting();

        op.Apply(zeros(3, 0)).shape.Should().Equal(3, 0);

        op.Products.Should().Be(0);
    }

    [Theory]
    [InlineData(3, 3, 1)]
    [InlineData(4, 3, 2)]
    [InlineData(1, 3, 3)]
    public void A_dense_matrix_takes_as_many_calls_as_blocks(long width, long size, int calls)
    {
        using var scope = NewDisposeScope();
        using var op = new Counting();

        op.ToDense(null, Progress.None, width).shape.Should().Equal(size, size);

        op.Products.Should().Be(width >= size ? 1 : calls);
    }

    [Theory]
    [InlineData(1, 64)]
    [InlineData(16_384, 64)]
    [InlineData(100_000, 10)]
    [InlineData(1 << 20, 1)]
    [InlineData(1L << 40, 1)]
    public void At_most_64_vectors_and_a_million_numbers_are_handed_over_at_once(long size, long vectors) =>
        LinearOperator.VectorsAtOnce(size).Should().Be(vectors);

    [Fact]
    public void A_device_without_a_number_is_any_of_its_kind()
    {
        Device any = new(DeviceType.CUDA), first = new(DeviceType.CUDA, 0), second = new(DeviceType.CUDA, 1);

        LinearOperator.SameDevice(first, second).Should().BeFalse();
        LinearOperator.SameDevice(second, first).Should().BeFalse();
        LinearOperator.SameDevice(first, new Device(DeviceType.CUDA, 0)).Should().BeTrue();
        LinearOperator.SameDevice(any, second).Should().BeTrue();
        LinearOperator.SameDevice(second, any).Should().BeTrue();
        LinearOperator.SameDevice(any, CPU).Should().BeFalse();
        LinearOperator.SameDevice(CPU, any).Should().BeFalse();
    }

    [Fact]
    public void An_identity_is_where_it_is_asked_for()
    {
        SymmetricOperator.Identity(2, device: META).Device.type.Should().Be(DeviceType.META);
        SymmetricOperator.Identity(2).Device.type.Should().Be(DeviceType.CPU);
    }

    [Fact]
    public void The_limit_of_a_matrix_is_half_of_what_this_process_may_use()
    {
        var available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;

        MatrixTooLargeException.DefaultLimit.Should().Be(available / 2);
        MatrixTooLargeException.DefaultLimitOn(CPU).Should().Be(available / 2);
    }

    [Fact]
    public void A_limit_below_zero_is_an_error_and_a_limit_of_the_very_size_is_none()
    {
        void With(long? limit) => MatrixTooLargeException.ThrowIfTooLarge(3, 5, ScalarType.Float64, limit, "");

        ((Action)(() => With(-1))).Should().Throw<ArgumentOutOfRangeException>();
        ((Action)(() => With(119))).Should().Throw<MatrixTooLargeException>().Which.BytesNeeded.Should().Be(120);
        With(120);
    }

    private sealed class Counting(Device device) : SymmetricOperator(3, ScalarType.Float32, device)
    {
        public Counting() : this(TestDevice.Current) { }

        public int Released { get; private set; }

        public int Products { get; private set; }

        public bool Fails { get; set; }

        public CancellationToken Seen { get; private set; }

        public CancellationToken After => Cancellation;

        protected override Tensor Multiply(Tensor columns)
        {
            Products++;
            Seen = Cancellation;
            return Fails ? throw new InvalidOperationException("It fails.") : columns.clone();
        }

        protected override void Release() => Released++;
    }
}
