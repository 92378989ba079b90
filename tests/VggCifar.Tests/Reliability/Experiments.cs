using VggCifar.Data;
using VggCifar.Reporting;
using VggCifar.Training;

namespace VggCifar.Tests.Reliability;

/// <summary>A tiny experiment that can be stopped after any step.</summary>
internal static class Experiments
{
    public static Settings Settings(string optimizer, double rate = 0.05) => new()
    {
        TrainImages = 20, TestImages = 10, Width = 0.03125, Epochs = 3, BatchSize = 8, Augment = "crop", Threads = 1,
        Patience = 1,
        Grid = [new OptimizerSpec(optimizer, rate, 0.001, "plateau")],
    };

    /// <summary>Goes on with what is in the folder for so many steps; true when it has come to its end.</summary>
    public static bool Run(string path, Settings settings, int steps = int.MaxValue, int? monitor = null)
    {
        using var data = SyntheticImages.Create(10, settings.TrainImages, settings.TestImages);
        using var folder = RunFolder.Open(
            path, new SavedSettings("train", monitor is null ? [] : [["--monitor", $"{monitor}"]], settings), resume: true,
            force: false);
        var blocks = monitor is { } interval
            ? new BlockRecords(folder, interval, tensorBoard: false, mayFail: false, _ => { })
            : null;
        return new Experiment(
            settings, RunName.All(settings), folder, data, new PlainDisplay(TextWriter.Null, 1, settings.Epochs),
            () => steps-- == 0, blocks).Run();
    }

    public static string Id(Settings settings) => new RunName(settings.Grid[0], settings.Seeds[0]).Id;

    /// <summary>
    /// What must be the same however often a run was stopped: every number but the times, and the network's bytes.
    /// </summary>
    public static string Result(string path)
    {
        var epochs = File.ReadAllLines(Path.Combine(path, "epochs.csv"))
            .Select(line => string.Join(',', line.Split(',').SkipLast(2)));
        var network = Path.Combine(path, "network.dat");
        var sum = File.Exists(network)
            ? Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(network)))
            : "no network";
        return string.Join('\n', epochs) + "\n" + sum;
    }
}
