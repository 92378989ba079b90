using Spectre.Console;
using TorchSharp;
using VggCifar.Data;
using VggCifar.Reporting;
using VggCifar.Training;
using static TorchSharp.torch;

namespace VggCifar.Commands;

/// <summary>Carries a request out: data, folder, training, tables and pictures.</summary>
internal static class Session
{
    /// <summary>0 when all is trained, 130 or 143 when a signal stopped it.</summary>
    public static int Run(Request request, IAnsiConsole console, TextWriter output, bool live)
    {
        var settings = request.Settings;
        set_num_threads(settings.Threads);
        output.WriteLine($"device: {Devices.Describe(settings.Device, settings.Threads)}");
        using var loaded = DataLoader.Load(request, output.WriteLine);
        output.WriteLine($"data: {loaded.Name}, {loaded.Train.Count} training and {loaded.Test.Count} test images, {loaded.Classes} classes");
        var fingerprint = DataFingerprint.Of(loaded);
        if (settings.Fingerprint is { } then && then != fingerprint)
            throw new UserError($"--resume: the data are not those the run was started with: {fingerprint.Unlike(then)}.");
        settings = settings with { Fingerprint = fingerprint };
        request = request with { Settings = settings };
        using var data = settings.Device == "cpu" ? null : loaded.To(device(settings.Device));
        using var folder = RunFolder.Open(request.Out, new SavedSettings(request.Command, request.Options, settings), request.Resume, request.Force);
        output.WriteLine($"folder: {folder.Path}");
        using var interruption = new Interruption();
        return Train(request, data ?? loaded, folder, interruption, console, output, live);
    }

    private static int Train(
        Request request, DataSet data, RunFolder folder, Interruption interruption, IAnsiConsole console, TextWriter output, bool live)
    {
        var settings = request.Settings;
        var runs = settings.Grid.Count * settings.Seeds.Count;
        IDisplay display = live ? new TerminalDisplay(console, runs, settings.Epochs) : new PlainDisplay(output, runs, settings.Epochs);
        var experiment = new Experiment(settings, folder, data, display, () => interruption.Requested,
            request.Monitor is { } interval ? new BlockRecords(folder, interval, request.TensorBoard, request.MonitorMayFail, display.Say) : null);
        if (request.TensorBoard)
            experiment.EpochDone += new TensorBoardLog(folder).Write;
        var whole = false;
        display.Show(() => whole = experiment.Run());
        if (!whole)
        {
            output.WriteLine($"stopped and saved; go on with: {request.Command} --resume --out \"{folder.Path}\"");
            return interruption.ExitCode;
        }
        Report(settings, folder, experiment.Results, console, output);
        return 0;
    }

    private static void Report(Settings settings, RunFolder folder, IReadOnlyList<RunResult> results, IAnsiConsole console, TextWriter output)
    {
        folder.WriteEpochs(settings, results);
        var summary = Summary.Of(results);
        SummaryTable.Print(console, settings, summary);
        var differences = PairedDifferences.Of(summary, results);
        foreach (var sentence in differences)
            output.WriteLine(sentence);
        SummaryFiles.Write(folder, summary, differences);
        var pictures = Figures.Draw(folder, settings, results);
        output.WriteLine($"every epoch: {folder.In(EpochsCsv.FileName)} and {ResultsJson.FileName}");
        output.WriteLine($"pictures: {string.Join(", ", pictures)}");
        if (PlotFont.Missing)
            output.WriteLine("The pictures have no text: no font is installed.");
    }
}
