using Spectre.Console;
using TorchSharp;
using VggCifar.Data;
using VggCifar.Reporting;
using VggCifar.Training;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>The training loop and the data of samples/VggCifar.</summary>
internal static class SampleRows
{
    private const int Images = 2560, Batch = 128, Rounds = 9;

    public static IEnumerable<Row> All =>
    [
        new("epoch_vs_passes", "an epoch of VggCifar train: data, augmentation, step, metrics, progress",
            "its forward and backward passes on resident batches", 1.10, Epoch),
        new("reading_vs_bytes", "CIFAR-10's 50,000 training images from the official files into a tensor",
            "reading the files' bytes", 5, Reading),
    ];

    private static double Epoch()
    {
        var spec = new OptimizerSpec(OptimizerFactory.ScaleAmended, 0.005, 0.005, RateSchedule.Constant);
        var settings = new Settings
        {
            Network = "vgg11", Width = 0.25, Epochs = 1000, BatchSize = Batch, Augment = "crop",
            Threads = 2, Grid = [spec]
        };
        using var data = SyntheticImages.Create(10, Images, 8); // few test images: testing is no part of the row
        using var normalization = Normalization.Of(data.Train.Images);
        using var run = new TrainingRun(settings, spec, 1, data, normalization);
        using var bare = new TrainingRun(settings, spec, 1, data, normalization);
        using var epoch = new EpochBatches(data.Train, normalization, Augmentation.None, Batch, 1, 0);
        var batches = Enumerable.Range(0, epoch.Count).Select(i => epoch[i]).ToList();
        var console = AnsiConsole.Create(new()
        {
            Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes,
            Out = new AnsiConsoleOutput(TextWriter.Null)
        });
        var display = new TerminalDisplay(console, 1, settings.Epochs);
        var ratio = 0.0;
        display.Show(() =>
        {
            display.RunStarted(new RunName(spec, 1), 0, false);
            ratio = Timing.Ratio(Rounds, () => run.TrainEpoch(display, () => false), () => Passes(bare.Network, batches));
        });
        foreach (var (images, labels) in batches)
        {
            images.Dispose();
            labels.Dispose();
        }

        return ratio;
    }

    private static void Passes(nn.Module<Tensor, Tensor> network, IEnumerable<(Tensor Images, Tensor Labels)> batches)
    {
        foreach (var (images, labels) in batches)
        {
            using var scope = NewDisposeScope();
            network.zero_grad();
            nn.functional.cross_entropy(network.call(images), labels).backward();
        }
    }

    private static double Reading()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var format = CifarFormat.Cifar10;
            var bytes = new byte[10_000 * format.RecordBytes];
            new Random(1).NextBytes(bytes);
            for (var record = 0; record < 10_000; record++) bytes[record * format.RecordBytes] %= 10;
            var paths = format.TrainFiles.Select(file => Path.Combine(folder.FullName, file)).ToArray();
            foreach (var path in paths) File.WriteAllBytes(path, bytes);
            return Timing.Ratio(
                Rounds, () => CifarReader.ReadFiles(format, paths).Dispose(), () =>
                {
                    foreach (var path in paths) File.ReadAllBytes(path);
                });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
