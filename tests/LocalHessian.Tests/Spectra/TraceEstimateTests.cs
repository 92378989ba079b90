using LocalHessian.Spectra;

namespace LocalHessian.Tests.Spectra;

public class TraceEstimateTests
{
    [Fact]
    public void It_is_the_mean_and_its_standard_error_from_the_unbiased_variance()
    {
        var estimate = TraceEstimate.Of([1, 2, 3, 6], products: 7, offset: 10);

        estimate.Value.Should().Be(13);
        estimate.StandardError.Should().BeApproximately(Math.Sqrt(14.0 / 3 / 4), 1e-15);
        estimate.Products.Should().Be(7);
    }
}
