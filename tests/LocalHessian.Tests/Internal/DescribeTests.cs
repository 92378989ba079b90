using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Internal;

/// <summary>How messages write shapes, names and numbers, on both sides of "many".</summary>
public class DescribeTests
{
    [Fact]
    public void Shapes_are_written_as_PyTorch_does()
    {
        Describe.Shape(2, 3).Should().Be("[2, 3]");
        Describe.Shape().Should().Be("[]");
        using var t = zeros(4, 0, dtype: ScalarType.Float64, device: CPU);
        Describe.Shape(t).Should().Be("[4, 0]");
        Describe.Tensor(t).Should().Be("[4, 0] in Float64 on cpu");
    }

    [Fact]
    public void Up_to_eight_names_are_quoted_and_the_rest_counted()
    {
        Describe.Names([]).Should().BeEmpty();
        Describe.Names(["a", "b"]).Should().Be("'a', 'b'");
        Describe.Names(Letters(8)).Should().Be("'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'");
        Describe.Names(Letters(10)).Should().Be("'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h' and 2 more");
    }

    [Fact]
    public void Up_to_eight_numbers_have_six_digits_and_the_rest_is_counted()
    {
        Describe.Numbers([0.5, 1.0 / 3]).Should().Be("[0.5, 0.333333]");
        Describe.Numbers([1, 2, 3, 4, 5, 6, 7, 8]).Should().Be("[1, 2, 3, 4, 5, 6, 7, 8]");
        Describe.Numbers([1, 2, 3, 4, 5, 6, 7, 8, 9]).Should().Be("[1, 2, 3, 4, 5, 6, 7, 8, … 9 in all]");
    }

    [Fact]
    public void Of_an_error_only_what_is_before_the_first_frame_is_told() =>
        Describe.FirstLine(new InvalidOperationException(" no \nframe 1\nframe 2")).Should().Be("no");

    private static IEnumerable<string> Letters(int count) => Enumerable.Range(0, count).Select(i => ((char)('a' + i)).ToString());
}
