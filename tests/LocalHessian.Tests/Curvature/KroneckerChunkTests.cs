using static TorchSharp.torch;

namespace LocalHessian.Tests.Curvature;

/// <summary>What K-FAC does a strip or a group after the other for large layers.</summary>
public class KroneckerChunkTests
{
    [Fact]
    public void A_sum_of_outer_products_made_in_strips_is_the_whole()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Tensor first = randn(3, 300, float64), second = randn(5, 300, float64); // strips of 128 columns
        var sum = new SymmetricSum(zeros(300, 300, float64));
        sum.Add(first);
        sum.Add(second);

        Dense.Distance(sum.Result(0.5), (first.t().mm(first) + second.t().mm(second)) / 2).Should().BeLessThan(1e-14);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(25)]
    [InlineData(1000)]
    public void EKFACs_squares_do_not_depend_on_how_many_samples_are_taken_at_once(long numbers)
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        Tensor a = randn(7, 3, 2, float64), b = randn(7, 4, 2, float64), sum = ones(4, 3, float64);

        KroneckerBuilder.AddSquares(sum, a, b, numbers);

        Dense.Distance(sum, 1 + b.matmul(a.transpose(1, 2)).square().sum(dim: 0)).Should().BeLessThan(1e-14);
    }
}
