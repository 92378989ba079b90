using VggCifar.Training;

namespace VggCifar.Tests.Training;

public class RateScheduleTests
{
    private static readonly Settings Ten = new() { Epochs = 10 };

    [Fact]
    public void On_a_plateau_the_rate_halves_after_ten_epochs_without_gain_and_again_after_ten_more()
    {
        var rates = Rates(RateSchedule.Plateau, [0.3, 0.5, .. Enumerable.Repeat(0.5, 25)], Ten);

        // epoch 2 is the best; epochs 3 to 13 are eleven without gain, which is more than ten
        rates.Take(13).Should().AllBeEquivalentTo(0.1);
        rates.Skip(13).Take(11).Should().AllBeEquivalentTo(0.05);
        rates[24..].Should().AllBeEquivalentTo(0.025);
    }

    [Fact]
    public void A_gain_starts_the_count_again_but_one_within_a_ten_thousandth_does_not()
    {
        double[] Accuracies(double gain) => [0.5, .. Enumerable.Repeat(0.5, 10), 0.5 * (1 + gain), .. Enumerable.Repeat(0.5, 8)];

        Rates(RateSchedule.Plateau, Accuracies(2e-4), Ten).Should().AllBeEquivalentTo(0.1);
        Rates(RateSchedule.Plateau, Accuracies(0.5e-4), Ten)[^1].Should().Be(0.05);
    }

    [Fact]
    public void Patience_and_factor_are_options()
    {
        var settings = new Settings { Epochs = 10, Patience = 1, Factor = 0.1 };

        Rates(RateSchedule.Plateau, [0.5, 0.5, 0.5, 0.5], settings).Should().Equal(0.1, 0.1, 0.1, 0.1 * 0.1, 0.1 * 0.1);
    }

    [Fact]
    public void A_plateau_is_what_TorchSharps_own_scheduler_sees()
    {
        var random = new Random(1);
        double[] accuracies = [
            .. Enumerable.Range(0, 200).Select(i => 0.3 * (1 - Math.Exp(-i / 20.0)) + 0.02 * random.NextDouble())];
        using var weight = new TorchSharp.Modules.Parameter(TorchSharp.torch.zeros(1));
        using var sgd = TorchSharp.torch.optim.SGD([weight], 0.1);
        var scheduler = TorchSharp.torch.optim.lr_scheduler.ReduceLROnPlateau(
            sgd, mode: "max", factor: 0.5, patience: 10, eps: 0);
        var expected = new List<double> { 0.1 };
        foreach (var accuracy in accuracies)
        {
            scheduler.step(accuracy);
            expected.Add(sgd.ParamGroups.Single().LearningRate);
        }

        expected[^1].Should().BeLessThan(0.01);
        Rates(RateSchedule.Plateau, accuracies, Ten).Should().Equal(expected);
    }

    [Fact]
    public void Cosine_falls_from_the_rate_to_zero_at_the_end_and_constant_stays()
    {
        var cosine = Rates(RateSchedule.Cosine, new double[10], Ten);
        cosine[0].Should().Be(0.1);
        cosine[5].Should().BeApproximately(0.05, 1e-17);
        cosine[10].Should().Be(0);
        cosine.Should().BeInDescendingOrder();

        Rates(RateSchedule.Constant, new double[10], Ten).Should().AllBeEquivalentTo(0.1);
    }

    /// <summary>The rates of the epochs 1, 2, … given each epoch's test accuracy.</summary>
    private static List<double> Rates(string schedule, IReadOnlyList<double> accuracies, Settings settings)
    {
        var spec = new OptimizerSpec("sgd", 0.1, 0, schedule);
        var history = accuracies.Select((a, i) => new EpochRecord(i + 1, 0, 1, 0, 1, a, 0, 0)).ToList();
        return [.. Enumerable.Range(0, history.Count + 1).Select(i => RateSchedule.Next(spec, settings, history[..i]))];
    }
}
