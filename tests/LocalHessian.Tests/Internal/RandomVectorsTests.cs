using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Internal;

public class RandomVectorsTests
{
    [Theory]
    [InlineData(ScalarType.Float64)]
    [InlineData(ScalarType.Float32)]
    [InlineData(ScalarType.BFloat16)]
    public void Signs_are_fair_independent_and_contiguous_a_vector(ScalarType dtype)
    {
        using var scope = NewDisposeScope();
        using var random = new RandomVectors(3, 10_003, dtype, TestDevice.Current); // no multiple of the signs in a draw
        var signs = random.Signs(20);
        signs.shape.Should().Equal(10_003, 20);
        signs.dtype.Should().Be(Precision.Working(dtype));
        signs.select(1, 7).is_contiguous().Should().BeTrue();
        signs.stride(0).Should().Be(1);
        signs.abs().eq(1).all().item<bool>().Should().BeTrue();
        // Of 200,060 fair signs the mean has a deviation of 0.0022; of the products of two vectors 0.01.
        Math.Abs(signs.to(ScalarType.Float64).mean().item<double>()).Should().BeLessThan(0.009);
        var gram = signs.t().mm(signs) / 10_003 - eye(20, dtype: signs.dtype);
        gram.abs().max().to(ScalarType.Float64).item<double>().Should().BeLessThan(0.05);
        // Neighbours too, at every distance within a draw.
        for (var lag = 1; lag < 9; lag++)
        {
            var product = (signs.narrow(0, lag, 9_000) * signs.narrow(0, 0, 9_000)).to(ScalarType.Float64).mean().item<double>();
            Math.Abs(product).Should().BeLessThan(0.01, $"lag {lag}");
        }
    }

    [Fact]
    public void It_does_not_matter_how_many_are_asked_for_at_once_and_seeds_do()
    {
        using var scope = NewDisposeScope();
        foreach (var draw in new Func<RandomVectors, long, Tensor>[] { (r, k) => r.Signs(k), (r, k) => r.Normal(k) })
        {
            Tensor Draw(long seed, params long[] counts)
            {
                using var random = new RandomVectors(seed, 53, ScalarType.Float64, TestDevice.Current);
                return cat(counts.Select(k => draw(random, k)).ToArray(), 1);
            }

            Draw(1, 5).Equals(Draw(1, 5)).Should().BeTrue();
            Draw(1, 2, 2, 1).Equals(Draw(1, 1, 3, 1)).Should().BeTrue();
            Draw(1, 5).Equals(Draw(2, 5)).Should().BeFalse();
        }
    }
}
