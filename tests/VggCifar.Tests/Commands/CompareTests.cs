using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using VggCifar.Reporting;
using VggCifar.Tests.Reporting;

namespace VggCifar.Tests.Commands;

/// <summary>One small comparison, looked at from all sides.</summary>
public sealed class CompareTests : IClassFixture<CompareTests.Comparison>
{
    private readonly Comparison _comparison;

    public CompareTests(Comparison comparison) => _comparison = comparison;

    [Fact]
    public void It_ends_well_and_prints_device_data_table_and_files()
    {
        var outcome = _comparison.Outcome;

        outcome.Errors.Should().BeEmpty();
        outcome.Code.Should().Be(0);
        outcome.Output.Should().Contain("device: cpu, 1 thread").And.Contain(
            "data: built-in-10, 16 training and 10 test images, 10 classes");
        Regex.Replace(outcome.Output, @"\s+", " ").Should().Contain(
            "Test accuracy after 2 epochs, percent; vgg11 × 0.03125, builtin10, 2 seeds");
        outcome.Output.Should().Contain("[6/6] sa-lr0.02-wd0.005-plateau-seed2  epoch 2/2  rate 0.02  loss ");
        outcome.Output.Should().MatchRegex(@"against SGD at 0\.\d+: [+-]\d+\.\d\d and [+-]\d+\.\d\d points \(two paired seeds\)");
        outcome.Output.Split('\n').Should().Contain(line => line.Contains("images/s  left 00:00:00"));
    }

    [Fact]
    public void The_table_has_a_row_a_cell_of_the_grid()
    {
        var lines = File.ReadAllLines(_comparison.In("summary.csv"));

        lines.Skip(1).Select(line => string.Join(',', line.Split(',')[..5])).Should().Equal(
            "sgd,0.05,0.005,plateau,2", "sgd,0.1,0.005,plateau,2", "sa,0.02,0.005,plateau,2");
        lines.Skip(1).Count(
            line => line.StartsWith("sgd", StringComparison.Ordinal)
                && line.EndsWith(",1", StringComparison.Ordinal)).Should().Be(1);
        File.ReadAllLines(_comparison.In("summary.md")).Should().Contain(
            line => line.StartsWith("| SGD | 0.05 |", StringComparison.Ordinal)
                || line.StartsWith("| **SGD** | **0.05** |", StringComparison.Ordinal));
    }

    [Fact]
    public void Every_epoch_of_every_run_is_in_the_files()
    {
        var lines = File.ReadAllLines(_comparison.In("epochs.csv"));
        lines[0].Should().Be(EpochsCsv.Header);
        lines.Should().HaveCount(1 + 3 * 2 * 2);
        foreach (var line in lines.Skip(1))
            line.Split(',')[4..].Should()
                .OnlyContain(value => double.IsFinite(double.Parse(value, CultureInfo.InvariantCulture)));
        using var json = JsonDocument.Parse(File.ReadAllText(_comparison.In("results.json")));
        json.RootElement.GetProperty("runs").EnumerateArray().Should().HaveCount(6)
            .And.OnlyContain(run => run.GetProperty("epochs").GetArrayLength() == 2);
    }

    [Fact]
    public void The_pictures_are_there_in_their_size()
    {
        foreach (var name in new[] { "training-loss.png", "test-error.png", "rates.png" })
            Png.Size(_comparison.In(name)).Should().Be((1240, 800), name);
    }

    [Fact]
    public void TensorBoards_files_hold_the_numbers_of_the_epochs()
    {
        var lines = File.ReadAllLines(_comparison.In("epochs.csv")).Skip(1).Select(line => line.Split(','))
            .Where(v => v[0] == "sa" && v[4] == "2").ToList();
        var file = Directory.GetFiles(Path.Combine(_comparison.In("tensorboard"), "sa-lr0.02-wd0.005-plateau-seed2")).Single();
        Path.GetFileName(file).Should().StartWith("events.out.tfevents.");

        var (scalars, times) = EventReader.ReadWithTimes(file);
        times.Should().HaveCount(1 + 2 * 6).And.OnlyContain(
            time => Math.Abs(time - DateTimeOffset.UtcNow.ToUnixTimeSeconds()) < 3600, "seconds since 1970, the first one too");

        scalars.Where(s => s.Tag == "loss/train").Should()
            .Equal(lines.Select(v => new Scalar("loss/train", long.Parse(v[5], CultureInfo.InvariantCulture), Float(v[7]))));
        foreach (var (tag, column) in new[]
        {
            ("rate", 6), ("loss/train", 7), ("accuracy/train", 8), ("loss/test", 9), ("accuracy/test", 10),
        })
            scalars.Where(s => s.Tag == tag).Select(s => s.Value).Should().Equal(lines.Select(v => Float(v[column])), tag);
        scalars.Select(s => s.Tag).Distinct().Should()
            .BeEquivalentTo("rate", "loss/train", "loss/test", "accuracy/train", "accuracy/test", "images a second");
    }

    [Fact]
    public void Only_one_file_is_locked_at_a_time_and_nothing_temporary_is_left()
    {
        Directory.EnumerateFiles(_comparison.Folder, "*", SearchOption.AllDirectories)
            .Should().NotContain(
                file => file.EndsWith(".tmp", StringComparison.Ordinal) || file.EndsWith(".lock", StringComparison.Ordinal));
    }

    private static float Float(string text) => (float)double.Parse(text, CultureInfo.InvariantCulture);

    public sealed class Comparison : IDisposable
    {
        private readonly TemporaryFolder _folder = new();

        public Comparison() => Outcome = InProcess.Run([
            "compare", .. InProcess.Tiny[1..].With("--epochs", "2"), "--optimizers", "sgd,sa", "--lr", "0.02", "sgd=0.05,0.1",
            "--seeds", "2", "--tensorboard", "--out", Folder]);

        internal Outcome Outcome { get; }
        public string Folder => _folder.File("run");

        public string In(string name) => Path.Combine(Folder, name);

        public void Dispose() => _folder.Dispose();
    }
}
