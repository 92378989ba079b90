using VggCifar.Data;
using VggCifar.Training;

namespace VggCifar.Tests.Training;

public class CheckpointTests
{
    [Fact]
    public void Network_and_optimizer_go_to_the_file_and_back_without_passing_through_memory()
    {
        using var folder = new TemporaryFolder();
        using var data = SyntheticImages.Create(10, 8, 8);
        using var normalization = Normalization.Of(data.Train.Images);
        var settings = new Settings { Width = 0.5, Epochs = 2, BatchSize = 8, Threads = 1 };
        using var run =
            new TrainingRun(settings, new OptimizerSpec("sgd", 0.01, 0, RateSchedule.Constant), 1, data, normalization);
        using var again =
            new TrainingRun(settings, new OptimizerSpec("sgd", 0.01, 0, RateSchedule.Constant), 1, data, normalization);
        run.TrainEpoch(new Silent(), () => false).Should().BeTrue();
        var path = folder.File("big.checkpoint");

        var before = GC.GetAllocatedBytesForCurrentThread();
        Checkpoint.Write(path, "run", "settings", run.State(), run.Save);
        var written = GC.GetAllocatedBytesForCurrentThread() - before;
        using var checkpoint = Checkpoint.Read(path, "run", "settings");
        again.Restore(checkpoint.State, checkpoint.Content);
        var read = GC.GetAllocatedBytesForCurrentThread() - before - written;

        var size = new FileInfo(path).Length;
        size.Should().BeGreaterThan(18_000_000, "2.3 million weights and as many momenta");
        written.Should().BeLessThan(size / 4);
        read.Should().BeLessThan(size / 4);
        foreach (var (mine, theirs) in again.Network.parameters().Zip(run.Network.parameters()))
            mine.Equals(theirs).Should().BeTrue();
    }
}
