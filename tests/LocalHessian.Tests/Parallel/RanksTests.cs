using LocalHessian.Parallel;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Parallel;

public class RanksTests
{
    [Fact]
    public void Means_are_weighted_by_samples_and_a_rank_without_samples_counts_for_nothing_whatever_it_holds()
    {
        double[] held = [1, 5, double.NaN, -2], samples = [3, 1, 0, 4];
        var means = ThreadRanks.Run(4, ranks =>
        {
            using var value = tensor(new[] { held[ranks.Rank], 10 }, ScalarType.Float64);
            ranks.Average([value], samples[ranks.Rank]);
            return value.Host<double>();
        });
        means.Should().AllSatisfy(m => m.Should().Equal(0, 10));
    }

    [Fact]
    public void Without_samples_on_any_rank_there_is_no_mean_and_all_say_so()
    {
        var refused = ThreadRanks.Run(2, ranks =>
        {
            using var value = ones(1);
            var average = () => ranks.Average([value], 0);
            average.Should().Throw<InvalidOperationException>().WithMessage("No rank has samples*");
            return value.item<float>();
        });
        refused.Should().Equal(1, 1);
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void What_is_no_number_of_samples_is_refused(double samples) => ThreadRanks.Run(1, ranks =>
    {
        var average = () => ranks.Average([], samples);
        average.Should().Throw<ArgumentOutOfRangeException>();
        return 0;
    });

    [Fact]
    public void Any_is_true_on_all_ranks_when_one_says_so()
    {
        ThreadRanks.Run(3, ranks => ranks.Any(ranks.Rank == 2)).Should().Equal(true, true, true);
        ThreadRanks.Run(3, ranks => ranks.Any(false)).Should().Equal(false, false, false);
    }

    [Fact]
    public void Lists_that_differ_are_refused_on_all_ranks_with_what_this_one_has()
    {
        var messages = ThreadRanks.Run(3, ranks =>
        {
            string[] items = ["a [2, 3]", ranks.Rank == 1 ? "b [4]" : "b [5]", "c"];
            ranks.ThrowUnlessAlike("parameters", [items[0], items[2]]);
            var differing = () => ranks.ThrowUnlessAlike("parameters", items);
            var counts = () => ranks.ThrowUnlessAlike("parameters", items[..(ranks.Rank + 1)]);
            return (Message(differing), Message(counts));
        });
        messages[1].Item1.Should().Be("The ranks have different parameters; number 2 is b [4] on rank 1.");
        messages[2].Item1.Should().Be("The ranks have different parameters; number 2 is b [5] on rank 2.");
        messages[2].Item2.Should().Be("The ranks have different numbers of parameters; rank 2 has 3.");
    }

    private static string Message(Action action) => action.Should().Throw<InvalidOperationException>().Which.Message;
}
