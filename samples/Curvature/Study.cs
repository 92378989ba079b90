using System.Diagnostics;
using CurvatureStudy.Drawing;
using Samples;
using VggCifar;
using VggCifar.Data;
using VggCifar.Drawing;

namespace CurvatureStudy;

/// <summary>Trains with both optimizers, measures, and writes pictures, tables and the page.</summary>
internal sealed class Study(DirectoryInfo output, string? dataRoot, StudySettings settings, TextWriter log)
{
    private const double SgdRate = 0.05, AmendedRate = 0.02;

    public void Run()
    {
        if (settings.Steps < 1) throw new UserError("--steps: a number from one up is needed.");
        if (settings.Images < 64) throw new UserError("--images: a number from 64 up is needed.");
        using var data = Load(); // first: what is wrong with it shows at once
        using var images = new TrainingImages(data, settings);
        SmallProgram.Create(output);
        using Run sgd = new("SGD", SgdRate, amended: false, images, settings), amended = new("scale-amended SGD", AmendedRate,
            amended: true, images, settings);
        Run[] runs = [sgd, amended];
        foreach (var run in runs)
        {
            var clock = Stopwatch.StartNew();
            run.Train();
            log.WriteLine($"{run.Name}: {clock.Elapsed.TotalSeconds:F0} s");
        }

        var surfaces = runs.Select(run => LossSurface.Of(run.Network, images, settings.Grid, settings.Seed)).ToArray();
        Tables.Save(output.FullName, runs);
        string[] files = ["surface-sgd.csv", "surface-amended.csv"];
        for (var i = 0; i < runs.Length; i++) Tables.Save(Path.Combine(output.FullName, files[i]), surfaces[i]);
        var page = new Page(dataRoot is null ? "" : " -- --data-root FOLDER", images.Name, settings);
        foreach (var picture in Pictures.Of(runs, surfaces))
        {
            picture.Save(output.FullName);
            page.Add(picture);
        }

        page.Save(Path.Combine(output.FullName, "README.md"));
        log.WriteLine(Path.Combine(output.FullName, "README.md"));
        if (PlotFont.Remark is { } remark) log.WriteLine(remark);
    }

    private DataSet Load()
    {
        if (dataRoot is null) return SyntheticImages.Create(10, Math.Max(64, settings.Images), 10);
        var format = CifarFolder.IsComplete(CifarFormat.Cifar10, dataRoot) ? CifarFormat.Cifar10 : CifarFormat.Cifar100;
        return CifarReader.Read(format, dataRoot);
    }
}
