using VggCifar.Data;
using VggCifar.Training;
using static TorchSharp.torch;

namespace VggCifar.Tests.Training;

public class SameStartTests
{
    [Fact]
    public void Every_optimizer_starts_from_the_same_weights_and_sees_the_same_first_loss()
    {
        using var scope = NewDisposeScope();
        using var data = SyntheticImages.Create(10, 24, 10);
        using var normalization = Normalization.Of(data.Train.Images);
        var settings = new Settings { Width = 0.03125, Epochs = 1, BatchSize = 8, Augment = "crop", InitScale = 0.5 };
        var starts = new List<List<Tensor>>();
        var losses = new List<double>();
        foreach (var name in OptimizerFactory.Names)
        {
            using var run =
                new TrainingRun(settings, new OptimizerSpec(name, 1e-9, 0, RateSchedule.Constant), 3, data, normalization);
            starts.Add([.. run.Network.parameters().Select(p => p.detach().clone())]);
            run.TrainEpoch(new Silent(), () => false).Should().BeTrue();
            losses.Add(run.History[0].TrainLoss);
        }

        foreach (var start in starts.Skip(1)) start.Zip(starts[0]).Should().OnlyContain(p => p.First.Equals(p.Second));
        // the rate is so small that only the batches matter
        losses.Should().OnlyContain(loss => Math.Abs(loss - losses[0]) < 1e-3);
    }

    [Fact]
    public void The_rate_of_the_schedule_reaches_the_optimizer()
    {
        using var scope = NewDisposeScope();
        using var data = SyntheticImages.Create(10, 16, 10);
        using var normalization = Normalization.Of(data.Train.Images);
        var settings = new Settings { Width = 0.03125, Epochs = 4, BatchSize = 16 };
        using var run =
            new TrainingRun(settings, new OptimizerSpec("sa", 0.01, 0.005, RateSchedule.Cosine), 1, data, normalization);

        while (!run.Finished) run.TrainEpoch(new Silent(), () => false);

        run.History.Select(record => record.Rate).Should().Equal(
            Enumerable.Range(0, 4).Select(i => 0.01 * 0.5 * (1 + Math.Cos(Math.PI * i / 4))));
        run.StepsDone.Should().Be(4);
    }
}
