using VggCifar.Training;

namespace VggCifar.Tests.Reliability;

/// <summary>A run that was stopped goes on to the numbers and the network of one that was not.</summary>
public class ResumeTests
{
    public static TheoryData<string> Optimizers =>
        new(OptimizerFactory.Names.Where(name => name is not (OptimizerFactory.Raw or OptimizerFactory.BlockTrace)));

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Stopped_after_every_second_step_it_ends_bit_for_bit_as_the_unbroken_run(string optimizer)
    {
        using var folder = new TemporaryFolder();
        var settings = Experiments.Settings(optimizer, optimizer == OptimizerFactory.Lars ? 2 : 0.01);
        Experiments.Run(folder.File("whole"), settings).Should().BeTrue();
        var stops = 0;

        while (!Experiments.Run(folder.File("stopped"), settings, steps: 2))
            stops++;

        stops.Should().Be(4); // 9 steps
        Experiments.Result(folder.File("stopped")).Should().Be(Experiments.Result(folder.File("whole")))
            .And.NotContain("no network");
    }

    [Fact]
    public void A_finished_run_that_is_resumed_changes_nothing()
    {
        using var folder = new TemporaryFolder();
        var settings = Experiments.Settings("sa");
        Experiments.Run(folder.File("run"), settings).Should().BeTrue();
        var before = Experiments.Result(folder.File("run"));

        Experiments.Run(folder.File("run"), settings).Should().BeTrue();

        Experiments.Result(folder.File("run")).Should().Be(before);
    }

    [Fact]
    public void Records_of_blocks_written_after_the_last_checkpoint_come_once_also_when_a_kill_tore_the_last_line()
    {
        using var folder = new TemporaryFolder();
        var settings = Experiments.Settings("sa");
        Experiments.Run(folder.File("whole"), settings, monitor: 4).Should().BeTrue();
        var name = Path.Combine("blocks", Experiments.Id(settings) + ".csv");
        var whole = File.ReadAllText(Path.Combine(folder.File("whole"), name));

        Experiments.Run(folder.File("killed"), settings, steps: 4, monitor: 4).Should().BeFalse();
        var written = Path.Combine(folder.File("killed"), name);
        File.AppendAllText(written, whole[File.ReadAllText(written).Length..^200]);
        Experiments.Run(folder.File("killed"), settings, monitor: 4).Should().BeTrue();

        File.ReadAllText(written).Should().Be(whole);
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("sa")]
    [InlineData("lars")]
    [InlineData("sa-measured")]
    public void A_run_that_leaves_the_finite_numbers_is_recorded_as_diverged_and_ends(string optimizer)
    {
        using var folder = new TemporaryFolder();
        var outcome = InProcess.Run(
            [
                .. InProcess.Tiny[..^6], "--epochs", "6", "--device", "cpu", "--threads", "1", "--optimizer", optimizer,
                "--lr", "1e30", "--out", folder.File("run"),
            ]);
        outcome.Errors.Should().BeEmpty();
        outcome.Code.Should().Be(0);
        outcome.Output.Should().Contain("diverged");
        var again = InProcess.Run("train", "--resume", "--out", folder.File("run"));
        again.Code.Should().Be(0);
        again.Output.Should().Contain("done before");
    }

    [Fact]
    public void The_command_line_goes_on_with_nothing_but_the_folder_and_refuses_other_settings()
    {
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        InProcess.Run([.. InProcess.Tiny, "--out", run]).Code.Should().Be(0);
        var before = Experiments.Result(run);

        InProcess.Run("train", "--resume", "--out", run).Code.Should().Be(0);
        var other = InProcess.Run([.. InProcess.Tiny, "--lr", "0.3", "--resume", "--out", run]);
        var wrongCommand = InProcess.Run("compare", "--resume", "--out", run);

        other.Code.Should().Be(2);
        other.Errors.Should().Contain("other settings").And.Contain("0.3");
        wrongCommand.Code.Should().Be(2);
        Experiments.Result(run).Should().Be(before);
    }
}
