using LocalHessian.Monitoring;
using LocalHessian.Tests.Cases;

namespace LocalHessian.Tests.Monitoring;

public class BlockLogTests
{
    private static readonly BlockReading Seven = new(7, "a.b", double.NaN, 0.5, double.NaN, 1e-20, 1, 2, 3, 4, 5, -0.25);
    private static readonly BlockReading Eight = new(8, "say \"b\", please", 1, 2, 3, 4, 5, 6, 7, 8, 9, 10);
    private const string SevenLine = "7,\"a.b\",,0.5,,1E-20,1,2,3,4,5,-0.25",
        EightLine = "8,\"say \"\"b\"\", please\",1,2,3,4,5,6,7,8,9,10";

    [Fact]
    public void Csv_has_one_line_a_block_and_step_leaves_missing_numbers_empty_and_doubles_quotes()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("blocks.csv");

        new CsvBlockLog(path).Write([Seven]);
        new CsvBlockLog(path).Write([Eight]);

        var lines = File.ReadAllLines(path);
        lines[0].Split(',').Should()
            .Equal("step", "block", "closed_scale", "measured_scale", "closed_input_scale", "measured_input_scale", "multiplier",
            "weight_norm", "gradient_norm", "top_eigenvalue", "condition_number", "loss_removed");
        lines.Skip(1).Should().Equal(SevenLine, EightLine);
    }

    [Theory]
    [InlineData("step,blo", "")]
    [InlineData("{header}\n", "")]
    [InlineData("{header}\n7,\"a.b\",,0.5,,1E-20,1,2,3,4,5,-0.25\n8,\"say", "7")]
    public void A_line_that_a_kill_tore_off_is_dropped_before_the_next(string left, string kept)
    {
        using var folder = new TemporaryFolder();
        var (path, twin) = (folder.File("blocks.csv"), folder.File("twin.csv"));
        _ = new CsvBlockLog(twin);
        File.WriteAllText(path, left.Replace("{header}", File.ReadAllText(twin).TrimEnd('\n'), StringComparison.Ordinal));

        new CsvBlockLog(path).Write([Eight]);

        File.ReadAllText(path).Should().Be(File.ReadAllText(twin) + (kept.Length > 0 ? SevenLine + "\n" : "") + EightLine + "\n");
    }

    [Fact]
    public void A_line_torn_while_the_log_is_in_use_is_dropped_too_and_a_file_that_vanished_begins_anew()
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("blocks.csv");
        var log = new CsvBlockLog(path);
        log.Write([Seven]);
        File.AppendAllText(path, "8,\"sa");

        log.Write([Eight]);

        File.ReadAllLines(path)[1..].Should().Equal(SevenLine, EightLine);
        File.Delete(path);
        log.Write([Eight]);
        var lines = File.ReadAllLines(path);
        lines[0].Should().StartWith("step,");
        lines[1..].Should().Equal(EightLine);
    }

    [Theory]
    [InlineData("my notes")]
    [InlineData("step,block,something else\n1,2,3\n")]
    public void A_file_of_something_else_is_refused_and_stays(string content)
    {
        using var folder = new TemporaryFolder();
        var path = folder.File("blocks.csv");
        File.WriteAllText(path, content);

        FluentActions.Invoking(() => new CsvBlockLog(path)).Should().Throw<IOException>()
            .WithMessage($"'{path}' does not begin with the columns*");
        File.ReadAllText(path).Should().Be(content);
    }

    [Fact]
    public void When_the_folder_vanishes_the_error_says_what_is_missing_and_that_the_step_was_taken_and_training_can_go_on()
    {
        using var folder = new TemporaryFolder();
        var inner = Directory.CreateDirectory(folder.File("logs")).FullName;
        IBlockLog csv = new CsvBlockLog(Path.Combine(inner, "blocks.csv")), board = new TensorBoardBlockLog(inner);
        Directory.Delete(inner, recursive: true);
        var reported = new List<string>();

        foreach (var log in new[] { csv, board })
        {
            log.Invoking(l => l.Write([Seven])).Should().Throw<IOException>()
                .WithMessage("The readings of step 7 *logs*but the optimizer has taken the step*");
            new TolerantBlockLog(log, e => reported.Add(e.Message)).Write([Seven]);
        }

        reported.Should().HaveCount(2).And.OnlyContain(message => message.StartsWith("The readings of step 7"));
        FluentActions.Invoking(() => new TolerantBlockLog(new Broken(), _ => { }).Write([Seven]))
            .Should().Throw<InvalidOperationException>("only failures of writing are let pass");
    }

    [Fact]
    public void TensorBoard_receives_each_number_under_its_own_name_with_the_step_and_the_time_of_day()
    {
        using var folder = new TemporaryFolder();
        var before = Now();

        new TensorBoardBlockLog(folder.File("run")).Write([Seven, Eight with { Block = "c" }]);

        var file = Directory.GetFiles(folder.File("run")).Should().ContainSingle().Subject;
        Path.GetFileName(file).Should().StartWith("events.out.tfevents.");
        var (scalars, times) = EventReader.ReadWithTimes(file);
        scalars.Should().Equal(
            new Scalar("measured scale/a.b", 7, 0.5f), new Scalar("measured input scale/a.b", 7, 1e-20f),
            new Scalar("multiplier/a.b", 7, 1), new Scalar("weight norm/a.b", 7, 2),
            new Scalar("gradient norm/a.b", 7, 3), new Scalar("top eigenvalue/a.b", 7, 4),
            new Scalar("condition number/a.b", 7, 5), new Scalar("loss removed/a.b", 7, -0.25f),
            new Scalar("closed scale/c", 8, 1), new Scalar("measured scale/c", 8, 2), new Scalar("closed input scale/c", 8, 3),
            new Scalar("measured input scale/c", 8, 4),
            new Scalar("multiplier/c", 8, 5), new Scalar("weight norm/c", 8, 6), new Scalar("gradient norm/c", 8, 7),
            new Scalar("top eigenvalue/c", 8, 8),
            new Scalar("condition number/c", 8, 9), new Scalar("loss removed/c", 8, 10));
        times.Should().HaveCount(1 + 18).And.OnlyContain(time => time >= before && time <= Now());
    }

    private static double Now() => (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;

    private sealed class Broken : IBlockLog
    {
        public void Write(IReadOnlyList<BlockReading> readings) => throw new InvalidOperationException();
    }
}
