using VggCifar.Data;
using VggCifar.Reporting;
using VggCifar.Training;

namespace VggCifar.Tests.Reliability;

/// <summary>The monitor changes no result, and what happens to its files ends no run without a word.</summary>
public class MonitorTests
{
    [Theory]
    [InlineData("sgd", "1e4")]
    [InlineData("sgd", "1e10")]
    [InlineData("lars", "1e10")]
    [InlineData("sa", "1e30")]
    [InlineData("sa-measured", "1e30")]
    public void A_run_that_diverges_is_recorded_as_without_a_monitor(string optimizer, string rate)
    {
        using var folder = new TemporaryFolder();
        string[] arguments = [
            "train", .. InProcess.Tiny[1..^6], "--epochs", "2", "--device", "cpu", "--threads", "1", "--optimizer", optimizer,
            "--lr", rate];
        InProcess.Run([.. arguments, "--out", folder.File("alone")]).Code.Should().Be(0);

        var outcome = InProcess.Run([.. arguments, "--monitor", "1", "--out", folder.File("watched")]);

        outcome.Errors.Should().BeEmpty();
        outcome.Code.Should().Be(0);
        Experiments.Result(folder.File("watched")).Should().Be(Experiments.Result(folder.File("alone")));
    }

    [Fact]
    public void In_a_comparison_with_a_monitor_the_others_are_trained_when_one_diverges()
    {
        using var folder = new TemporaryFolder();
        var outcome = InProcess.Run(
            [
                "compare", .. InProcess.Tiny[1..], "--optimizers", "sgd,sa", "--lr", "sgd=1e10", "sa=0.01", "--seeds", "1",
                "--monitor", "1", "--out", folder.File("run"),
            ]);

        outcome.Errors.Should().BeEmpty();
        outcome.Code.Should().Be(0);
        File.ReadAllText(Path.Combine(folder.File("run"), "epochs.csv")).Should().Contain("sgd,").And.Contain("sa,0.01,");
    }

    [Fact]
    public void Records_deleted_after_a_stop_begin_anew()
    {
        using var folder = new TemporaryFolder();
        var (settings, run) = (Experiments.Settings("sa"), folder.File("run"));
        Experiments.Run(folder.File("whole"), settings, monitor: 4).Should().BeTrue();
        Experiments.Run(run, settings, steps: 4, monitor: 4).Should().BeFalse();
        Directory.Delete(Path.Combine(run, "blocks"), recursive: true);

        Experiments.Run(run, settings, monitor: 4).Should().BeTrue();

        Experiments.Result(run).Should().Be(Experiments.Result(folder.File("whole")));
        var lines = File.ReadAllLines(Csv(run, settings));
        lines[0].Should().StartWith("step,");
        lines[1].Should().StartWith("5,");
    }

    [Theory]
    [InlineData(0)] // the header
    [InlineData(1)] // the first record
    public void Records_edited_after_a_stop_are_refused_by_name(int line)
    {
        using var folder = new TemporaryFolder();
        var (settings, run) = (Experiments.Settings("sa"), folder.File("run"));
        Experiments.Run(run, settings, steps: 4, monitor: 4).Should().BeFalse();
        foreach (var edit in new Func<string, string>[]
        {
            text => "x" + text, text => text.Replace(',', ';'), text => text + ",1", _ => "", text => text.Replace('1', '7'),
            text => text[..(text.Length / 2)],
        })
        {
            var lines = File.ReadAllLines(Csv(run, settings));
            var before = lines[line];
            if (edit(before) == before) continue;
            lines[line] = edit(before);
            File.WriteAllText(Csv(run, settings), string.Join('\n', lines) + "\n");
            FluentActions.Invoking(() => Experiments.Run(run, settings, monitor: 4)).Should().Throw<UserError>().WithMessage(
                $"'{Csv(run, settings)}' is not what the run wrote*");
            lines[line] = before;
            File.WriteAllText(Csv(run, settings), string.Join('\n', lines) + "\n");
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void When_the_records_folder_vanishes_during_training_it_goes_on_only_if_the_user_wants(bool mayFail)
    {
        using var folder = new TemporaryFolder();
        var (settings, run, said) = (Experiments.Settings("sa"), folder.File("run"), new List<string>());
        Experiments.Run(folder.File("whole"), settings).Should().BeTrue();
        using var data = SyntheticImages.Create(10, settings.TrainImages, settings.TestImages);
        var calls = 0;
        bool Vanish()
        {
            if (calls++ == 4)
                Directory.Delete(Path.Combine(run, "blocks"), recursive: true);
            return false;
        }
        bool Train()
        {
            using var opened = RunFolder.Open(run, new SavedSettings("train", [], settings), resume: true, force: false);
            var blocks = new BlockRecords(opened, 4, tensorBoard: false, mayFail, said.Add);
            return new Experiment(
                settings, RunName.All(settings), opened, data, new PlainDisplay(TextWriter.Null, 1, settings.Epochs), Vanish,
                blocks).Run();
        }

        if (mayFail)
        {
            Train().Should().BeTrue();
            Experiments.Result(run).Should().Be(Experiments.Result(folder.File("whole")));
            said.Should().Contain(line => line.StartsWith("The readings of step 5 could not be added"));
        }
        else
            FluentActions.Invoking(Train).Should().Throw<IOException>().WithMessage(
                "The readings of step 5 *the optimizer has taken the step*");
    }

    private static string Csv(string run, Settings settings) => Path.Combine(run, "blocks", Experiments.Id(settings) + ".csv");
}
