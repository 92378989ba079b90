using System.Diagnostics;
using Samples;
using SpectrumTour.Chapters;
using SpectrumTour.Drawing;
using VggCifar;
using VggCifar.Data;
using VggCifar.Drawing;
using static TorchSharp.torch;

namespace SpectrumTour;

/// <summary>Draws every chapter's pictures and the page that shows them.</summary>
/// <remarks>Random numbers are drawn on the CPU and moved: a seed means the same on every device.</remarks>
internal sealed class Tour(DirectoryInfo output, string? dataRoot, int steps, int seed, Device device, TextWriter log)
{
    public void Run()
    {
        if (steps < 0) throw new UserError("--steps: a number from zero up is needed.");
        using var loaded = Load(); // first: what is wrong with it shows at once
        using var data = loaded.To(device);
        SmallProgram.Create(output);
        var page = new Page(dataRoot is null ? "" : " -- --data-root FOLDER", data.Name);
        IChapter[] chapters = [new Initialisation(device), new BatchNormalisation(device), new SkipConnections(device),
            new WeightHessians(device), new Signal(device), new TrainedVgg(data, steps, (file, text) =>
            File.WriteAllText(Path.Combine(output.FullName, file), text))];
        foreach (var chapter in chapters)
        {
            var clock = Stopwatch.StartNew();
            using var scope = NewDisposeScope();
            manual_seed(seed);
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
        if (PlotFont.Remark is { } remark) log.WriteLine(remark);
    }

    private DataSet Load()
    {
        if (dataRoot is null) return SyntheticImages.Create(10, 2000, 10);
        var format = CifarFolder.IsComplete(CifarFormat.Cifar10, dataRoot) ? CifarFormat.Cifar10 : CifarFormat.Cifar100;
        return CifarReader.Read(format, dataRoot);
    }
}
