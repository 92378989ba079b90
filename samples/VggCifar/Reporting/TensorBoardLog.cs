using TorchSharp.Modules;
using VggCifar.Training;
using static TorchSharp.torch;

namespace VggCifar.Reporting;

/// <summary>The same numbers as TensorBoard scalars, a folder a run.</summary>
internal sealed class TensorBoardLog(RunFolder folder)
{
    public const string Folder = "tensorboard";

    private readonly Dictionary<RunName, SummaryWriter> _writers = [];

    public void Write(RunResult result)
    {
        if (!_writers.TryGetValue(result.Name, out var writer))
            _writers[result.Name] = writer = utils.tensorboard.SummaryWriter(Path.Combine(folder.In(Folder), result.Name.Id));
        var e = result.Epochs[^1];
        writer.add_scalar("rate", (float)e.Rate, e.Epoch);
        writer.add_scalar("loss/train", (float)e.TrainLoss, e.Epoch);
        writer.add_scalar("loss/test", (float)e.TestLoss, e.Epoch);
        writer.add_scalar("accuracy/train", (float)e.TrainAccuracy, e.Epoch);
        writer.add_scalar("accuracy/test", (float)e.TestAccuracy, e.Epoch);
        writer.add_scalar("images a second", (float)e.ImagesPerSecond, e.Epoch);
    }
}
