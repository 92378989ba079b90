using TorchSharp;
using VggCifar.Data;
using VggCifar.Model;
using VggCifar.Training;
using static TorchSharp.torch;

namespace VggCifar.Tests.Training;

/// <summary>The numbers of an epoch: what is averaged over what, in which mode, on which batches.</summary>
public class TrainingTests
{
    [Fact]
    public void A_smaller_last_batch_counts_by_its_images()
    {
        using var scope = NewDisposeScope();
        using var metric = new Metric(CPU);

        metric.Add(tensor(1.0f), eye(8, 10), arange(8, ScalarType.Int64)); // all right
        metric.Add(tensor(4.0f), eye(4, 10), zeros(4, ScalarType.Int64)); // one right

        metric.Images.Should().Be(12);
        metric.Read().Should().Be(((8 * 1.0 + 4 * 4.0) / 12, 9 / 12.0));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(4)] // the last chunk is smaller
    public void Test_accuracy_is_measured_with_running_statistics_over_all_images_and_leaves_the_network_as_it_was(
        int imagesAtOnce)
    {
        using var scope = NewDisposeScope();
        using var data = SyntheticImages.Create(10, 16, 10);
        using var normalization = Normalization.Of(data.Train.Images);
        using var network = Networks.Create("vgg11", 0.0625, 10);
        InitialWeights.Draw(network, 1);
        network.train();
        network.call(normalization.Apply_(data.Train.Images.to(float32))); // statistics of the training images
        var before = network.state_dict().ToDictionary(pair => pair.Key, pair => pair.Value.detach().clone());

        var (loss, accuracy) = Evaluation.Of(network, data.Test, normalization, imagesAtOnce);

        network.training.Should().BeTrue();
        foreach (var (name, value) in network.state_dict()) value.Equals(before[name]).Should().BeTrue(name);
        var (expected, right) = Forward(training: false);
        loss.Should().BeApproximately(expected, 1e-6);
        accuracy.Should().BeApproximately(right, 1e-6);
        Forward(training: true).Loss.Should().NotBeApproximately(expected, 1e-3, "the mode makes a difference");

        (double Loss, double Accuracy) Forward(bool training)
        {
            network.train(training);
            using var ungraded = no_grad();
            var output = network.call(normalization.Apply_(data.Test.Images.to(float32)));
            return (
                nn.functional.cross_entropy(output, data.Test.Labels).item<float>(),
                output.argmax(1).eq(data.Test.Labels).to(float32).mean().item<float>());
        }
    }

    [Theory]
    [InlineData("none")]
    [InlineData("crop")]
    [InlineData("paper")]
    public void The_size_of_batches_changes_neither_the_order_nor_any_images_augmentation(string name)
    {
        using var scope = NewDisposeScope();
        using var data = SyntheticImages.Create(10, 20, 10);
        using var normalization = Normalization.Of(data.Train.Images);
        var (small, whole) = (Epoch(8), Epoch(20));

        small.Labels.Equals(whole.Labels).Should().BeTrue();
        (small.Images - whole.Images).abs().max().item<float>().Should().BeLessThan(1e-5f);

        (Tensor Images, Tensor Labels) Epoch(int size)
        {
            using var batches =
                new EpochBatches(data.Train, normalization, Augmentation.All.Single(a => a.Name == name), size, 3, 1);
            var all = Enumerable.Range(0, batches.Count).Select(i => batches[i]).ToList();
            return (cat([.. all.Select(b => b.Images)]), cat([.. all.Select(b => b.Labels)]));
        }
    }

    [Fact]
    public void Every_seed_has_batches_of_its_own()
    {
        using var data = SyntheticImages.Create(10, 24, 10);
        using var normalization = Normalization.Of(data.Train.Images);
        var settings = new Settings { Width = 0.03125, Epochs = 1, BatchSize = 8, Augment = "crop", Threads = 1 };
        var spec = new OptimizerSpec("sgd", 1e-9, 0, RateSchedule.Constant);
        using TrainingRun first = new(settings, spec, 1, data, normalization),
            again = new(settings, spec, 1, data, normalization), other = new(settings, spec, 2, data, normalization);
        other.Network.load_state_dict(first.Network.state_dict());

        foreach (var run in new[] { first, again, other })
            run.TrainEpoch(new Silent(), () => false);

        again.History[0].TrainLoss.Should().Be(first.History[0].TrainLoss);
        other.History[0].TrainLoss.Should().NotBe(first.History[0].TrainLoss, "the weights are the same, the batches are not");
    }
}
