using System.Diagnostics;
using SpectrumTour.Chapters;
using SpectrumTour.Drawing;
using TorchSharp;
using VggCifar;
using VggCifar.Data;

namespace SpectrumTour;

/// <summary>Draws every chapter's pictures and the page that shows them.</summary>
internal sealed class Tour(DirectoryInfo output, string? dataRoot, int steps, int seed, TextWriter log)
{
    public void Run()
    {
        if (steps < 0) throw new UserError("--steps: a number from zero up is needed.");
        using var data = Load(); // first: what is wrong with it shows at once
        CreateFolder();
        var page = new Page(dataRoot is null ? "" : " -- --data-root FOLDER", data.Name);
        IChapter[] chapters = [new Initialisation(), new BatchNormalisation(), new SkipConnections(), new WeightHessians(),
            new Signal(), new TrainedVgg(data, steps, (file, text) =>
            File.WriteAllText(Path.Combine(output.FullName, file), text))];
        foreach (var chapter in chapters)
        {
            var clock = Stopwatch.StartNew();
            using var scope = torch.NewDisposeScope();
            torch.manual_seed(seed);
            page.Begin(chapter.Title);
            foreach (var picture in chapter.Draw())
            {
                picture.Save(Path.Combine(output.FullName, picture.File));
                page.Add(picture);
            }

            log.WriteLine($"{chapter.Title}: {clock.Elapsed.TotalSeconds:F0} s");
        }

        var path = Path.Combine(output.FullName, "README.md");
        page.Save(path);
        log.WriteLine(path);
    }

    private DataSet Load()
    {
        if (dataRoot is null) return SyntheticImages.Create(10, 2000, 10);
        var format = CifarFolder.IsComplete(CifarFormat.Cifar10, dataRoot) ? CifarFormat.Cifar10 : CifarFormat.Cifar100;
        return CifarReader.Read(format, dataRoot);
    }

    private void CreateFolder()
    {
        try
        {
            output.Create();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"--output: the folder '{output.FullName}' cannot be made: {e.Message}");
        }
    }
}
