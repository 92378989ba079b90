using LocalHessian.Internal;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>The same numbers as TensorBoard scalars, a folder a run.</summary>
internal sealed class TensorBoardLog(RunFolder folder)
{
    public const string Folder = "tensorboard";

    private readonly Dictionary<RunName, EventFile> _files = [];

    public void Write(RunResult result)
    {
        if (!_files.TryGetValue(result.Name, out var file))
            _files[result.Name] = file = new EventFile(Path.Combine(folder.In(Folder), result.Name.Id));
        var e = result.Epochs[^1];
        file.Add(e.Epoch,
        [
            ("rate", e.Rate),
            ("loss/train", e.TrainLoss),
            ("loss/test", e.TestLoss),
            ("accuracy/train", e.TrainAccuracy),
            ("accuracy/test", e.TestAccuracy),
            ("images a second", e.ImagesPerSecond),
        ]);
    }
}
