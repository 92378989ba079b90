using CurvatureStudy;
using VggCifar;

namespace Curvature.Tests;

/// <summary>The whole study, small.</summary>
public class StudyTests
{
    [Fact]
    public void It_writes_the_page_its_pictures_and_the_numbers_behind_them()
    {
        using var folder = new TemporaryFolder();
        using var log = new StringWriter();
        var settings = new StudySettings(Steps: 4, Images: 64, Seed: 1) { Readings = 3, Grid = 3, DensitySteps = 8 };

        new Study(new DirectoryInfo(folder.Path), null, settings, log).Run();

        var page = File.ReadAllText(Path.Combine(folder.Path, "README.md"));
        foreach (var picture in Directory.GetFiles(folder.Path,
            "*.png").Select(Path.GetFileName)) page.Should().Contain($"({picture})");
        Directory.GetFiles(folder.Path, "*.png").Should().HaveCount(7);
        page.Should().NotContainAny("NaN", "∞");
        var readings = File.ReadAllLines(Path.Combine(folder.Path, "readings.csv"));
        readings.Should().HaveCount(7, "a header and three readings of two optimizers");
        readings[1].Split(',')[6].Should().BeEmpty("SGD has no multipliers");
        readings[^1].Split(',')[6].Should().NotBeEmpty();
        File.ReadAllLines(Path.Combine(folder.Path, "layers.csv")).Should().HaveCount(9);
        File.ReadAllLines(Path.Combine(folder.Path, "surface-sgd.csv")).Should().HaveCount(10);
    }

    [Fact]
    public void What_cannot_be_done_is_one_sentence()
    {
        using var folder = new TemporaryFolder();
        Invoking(new(0, 64, 1), null).Should().Throw<UserError>().WithMessage("--steps*");
        Invoking(new(1, 10, 1), null).Should().Throw<UserError>().WithMessage("--images*");
        Invoking(new(1, 64, 1), Path.Combine(folder.Path, "nowhere")).Should().Throw<UserError>().WithMessage("--data-root*");

        Action Invoking(StudySettings settings, string? data) => () => new Study(new DirectoryInfo(folder.Path), data,
            settings, TextWriter.Null).Run();
    }
}
