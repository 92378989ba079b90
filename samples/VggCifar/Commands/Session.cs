using Spectre.Console;
using TorchSharp;
using VggCifar.Data;
using VggCifar.Drawing;
using VggCifar.Ranks;
using VggCifar.Reporting;
using VggCifar.Training;
using static TorchSharp.torch;

namespace VggCifar.Commands;

/// <summary>Carries a request out: data, folder, training, tables and pictures.</summary>
internal static class Session
{
    /// <summary>0 when all is trained, 130 or 143 when a signal stopped it.</summary>
    public static int Run(Request request, IAnsiConsole console, TextWriter output, bool live, Team team)
    {
        MpiCheck.RefuseWhatCannotBe(request, team);
        // Rank 0 may be the only one that sees a run that goes on; and none opens the folder before all have looked into it.
        var settings = Json.Read<Settings>(team.Share(Json.Write(request.Settings)));
        set_num_threads(settings.Threads);
        output.WriteLine($"device: {Devices.Describe(settings.Device, settings.Threads)}");
        if (team.Ranks is not null)
            output.WriteLine($"ranks: {team.Size}{(settings.SyncBatchNorm ? ", batch norm over all of them" : "")}");
        using var loaded = team.OneFirst(() => DataLoader.Load(request, output.WriteLine));
        output.WriteLine($"data: {loaded.Name}, {loaded.Train.Count} training and {loaded.Test.Count} test images, "
            + $"{loaded.Classes} classes");
        var fingerprint = DataFingerprint.Of(loaded);
        if (settings.Fingerprint is { } then && then != fingerprint)
            throw new UserError($"--resume: the data are not those the run was started with: {fingerprint.Unlike(then)}.");
        settings = settings with { Fingerprint = fingerprint };
        request = request with { Settings = settings };
        using var data = settings.Device == "cpu" ? null : loaded.To(device(settings.Device));
        MpiCheck.RefuseLastBatch(settings, loaded, team);
        using var folder = team.Leads
            ? RunFolder.Open(request.Out, new SavedSettings(request.Command, request.Options, settings), request.Resume,
                request.Force)
            : null;
        output.WriteLine($"folder: {folder?.Path}");
        using var interruption = new Interruption();
        return Train(request, data ?? loaded, folder, interruption, console, output, live, team);
    }

    private static int Train(
        Request request, DataSet data, RunFolder? folder, Interruption interruption, IAnsiConsole console, TextWriter output,
        bool live,
        Team team)
    {
        var settings = request.Settings;
        var runs = request.Part?.Of(RunName.All(settings)) ?? RunName.All(settings);
        IDisplay display = live
            ? new TerminalDisplay(console, runs.Count, settings.Epochs)
            : new PlainDisplay(output, runs.Count, settings.Epochs);
        var experiment = new Experiment(settings, runs, folder, data, display, () => team.Any(interruption.Requested),
            request.Monitor is { } interval && folder is not null
                ? new BlockRecords(folder, interval, request.TensorBoard, request.MonitorMayFail, display.Say)
                : null,
            team);
        if (request.TensorBoard && folder is not null)
            experiment.EpochDone += new TensorBoardLog(folder).Write;
        var whole = false;
        display.Show(() => whole = experiment.Run());
        if (!whole)
        {
            output.WriteLine($"stopped and saved; go on with: {request.Command} --resume --out \"{folder?.Path}\"");
            // No rank ends, and with it the job, before rank 0 has saved.
            return interruption.ExitCodeOf(team);
        }
        if (folder is not null)
            Report(settings, folder, experiment.Results, console, output);
        return 0;
    }

    /// <summary>Table, files and pictures of finished runs.</summary>
    public static void Report(Settings settings, RunFolder folder, IReadOnlyList<RunResult> results, IAnsiConsole console,
        TextWriter output)
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
        if (PlotFont.Remark is { } remark)
            output.WriteLine(remark);
    }
}
