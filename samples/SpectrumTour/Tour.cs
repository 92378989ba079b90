using System.Diagnostics;
using SpectrumTour.Chapters;
using SpectrumTour.Drawing;
using TorchSharp;
using VggCifar;

namespace SpectrumTour;

/// <summary>Draws every chapter's pictures and the page that shows them.</summary>
internal sealed class Tour(DirectoryInfo output, string? dataRoot, int steps, int seed, TextWriter log)
{
    public void Run()
    {
        if (steps < 0) throw new UserError("--steps: a number from zero up is needed.");
        output.Create();
        var page = new Page();
        IChapter[] chapters = [new Initialisation(), new BatchNormalisation(), new SkipConnections(), new WeightHessians(), new Signal(), new TrainedVgg(dataRoot, steps)];
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
}
