using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Internal;

/// <summary>Checks of numbers, norms and precisions against their definitions.</summary>
public class NumberTests
{
    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    [InlineData(ScalarType.BFloat16)]
    public void Epsilon_is_the_step_from_one_to_the_next_number(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        double At(double x) => tensor(x, ScalarType.Float64, CPU).to(dtype).to(ScalarType.Float64).item<double>();
        var epsilon = Precision.Epsilon(dtype);

        At(1 + epsilon).Should().Be(1 + epsilon);
        At(1 + epsilon / 4).Should().Be(1);
    }

    [Fact]
    public void Half_precision_is_computed_in_float32_and_integers_have_no_epsilon()
    {
        Precision.Working(ScalarType.Float16).Should().Be(ScalarType.Float32);
        Precision.Working(ScalarType.BFloat16).Should().Be(ScalarType.Float32);
        Precision.Working(ScalarType.Float32).Should().Be(ScalarType.Float32);
        Precision.Working(ScalarType.Float64).Should().Be(ScalarType.Float64);
        ((Action)(() => Precision.Epsilon(ScalarType.Int32))).Should().Throw<ArgumentException>();
    }

    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.Float16)]
    public void Squared_norms_are_float64_of_each_tensor_and_zero_of_none(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        // 300² is beyond half precision.
        Tensor a = tensor(new[] { 3.0, -4 }, dtype, CPU), b = full(1, 300, dtype, CPU);

        Squares.Of([a, null, b], CPU).ToNumbers().Should().Equal(25, 0, 90_000);
    }

    [Fact]
    public void One_entry_of_many_makes_a_tensor_not_finite_and_integers_always_are()
    {
        using var scope = NewDisposeScope();
        Finite.Is(zeros(2, 3, device: CPU)).Should().BeTrue();
        foreach (var bad in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity })
        {
            var t = tensor(new[] { 0, bad, 1 }, ScalarType.Float64, CPU);
            Finite.Is(t).Should().BeFalse();
            ((Action)(() => Finite.ThrowUnless(t, "It", "t"))).Should().Throw<ArgumentException>().WithMessage("It *NaN*")
                .Which.ParamName.Should().Be("t");
        }

        // Their sums are beyond the dtype.
        Finite.Is(full(2, 3e38f, ScalarType.Float32, CPU)).Should().BeTrue();
        Finite.Is(full(100, 60_000, ScalarType.Float16, CPU)).Should().BeTrue();
        Finite.Is(tensor(new[] { double.PositiveInfinity, double.NegativeInfinity }, ScalarType.Float64, CPU)).Should().BeFalse();
        Finite.Is(zeros(2, ScalarType.Int64, CPU)).Should().BeTrue();
        Finite.ThrowUnless(ones(2, device: CPU), "It", "t");
    }

    [Fact]
    public void Positive_and_not_negative_differ_at_zero()
    {
        foreach (var bad in new[] { -1, double.NaN, double.PositiveInfinity, -double.Epsilon })
        {
            ((Action)(() => Finite.ThrowUnlessPositive(bad, "It", "x"))).Should().Throw<ArgumentOutOfRangeException>()
                .Which.ParamName.Should().Be("x");
            ((Action)(() => Finite.ThrowIfNegative(bad, "It", "x"))).Should().Throw<ArgumentOutOfRangeException>();
        }

        ((Action)(() => Finite.ThrowUnlessPositive(0, "It", "x"))).Should().Throw<ArgumentOutOfRangeException>();
        Finite.ThrowIfNegative(0, "It", "x");
        Finite.ThrowUnlessPositive(double.Epsilon, "It", "x");
        Finite.ThrowUnlessPositive(null, "It", "x");
        Finite.ThrowIfNegative(null, "It", "x");
    }

    [Fact]
    public void An_enumeration_has_only_the_values_it_names()
    {
        DefinedEnum.ThrowUnlessDefined(SolveMethod.Minres, "method");
        ((Action)(() => DefinedEnum.ThrowUnlessDefined((SolveMethod)2, "method"))).Should()
            .Throw<ArgumentOutOfRangeException>().Which.ParamName.Should().Be("method");
    }

    [Fact]
    public void A_batch_has_samples_and_of_real_numbers_two_dimensions()
    {
        using var scope = NewDisposeScope();
        BatchInput.ThrowUnlessBatch(zeros(1, 1));
        BatchInput.ThrowUnlessBatch(zeros(1, ScalarType.Int64));
        foreach (var bad in new[] { zeros(3), zeros(0, 2), zeros(0, ScalarType.Int64), tensor(1), full(1, 1, double.NaN) })
            ((Action)(() => BatchInput.ThrowUnlessBatch(bad))).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Numbers_that_stay_are_copied_to_the_device_once()
    {
        using var held = new HeldVector(ScalarType.Float32);
        var before = LiveTensors.Count();

        var first = held.Of([1, 2], CPU);
        held.Of([1, 2], CPU).Handle.Should().Be(first.Handle);
        first.dtype.Should().Be(ScalarType.Float32);
        var second = held.Of([1, 3], CPU);

        second.ToNumbers().Should().Equal(1, 3);
        first.IsInvalid.Should().BeTrue();
        held.Of([1, 3], META).device_type.Should().Be(DeviceType.META);
        held.Dispose();
        LiveTensors.Count().Should().Be(before);
    }
}
