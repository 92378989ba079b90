using static TorchSharp.torch;

namespace LocalHessian.Tests.Curvature;

/// <summary>What makes two enumerations of data the same.</summary>
public class DataChecksumTests
{
    [Fact]
    public void It_tells_numbers_shapes_dtypes_and_places_apart_and_nothing_else()
    {
        using var scope = NewDisposeScope();
        Tensor x = arange(6, float32), y = zeros(2);
        var sums = new[]
        {
            new CurvatureBatch(x.view(2, 3), y), new(x.view(3, 2), y), new(x.view(2, 3) + 1, y), new(x.view(2, 3), y + 1),
            new(x.view(2, 3), y.to(int32)), new([x.view(2, 3), y], y),
        }.Select(DataChecksum.Of).ToList();

        sums.Should().OnlyHaveUniqueItems();
        DataChecksum.Of(new(x.view(2, 3).t().contiguous().t(), y.clone())).Should().Be(sums[0],
            "the layout in memory does not count");
    }

    [Theory]
    [InlineData("a b", "a b", null)]
    [InlineData("a b", "a c", "*1 of 2 batches*batch 1,*")]
    [InlineData("a b", "b a", "*another order*")]
    [InlineData("a b", "a", "*2 batches*1 the second time*")]
    public void Two_enumerations_are_compared_to_their_ends(string first, string second, string? message)
    {
        var compare = () => DataChecksum.ThrowIfDifferent(first.Split(' '), second.Split(' '));
        if (message is null) compare.Should().NotThrow();
        else compare.Should().Throw<UnrepeatableDataException>().WithMessage(message);
    }
}
