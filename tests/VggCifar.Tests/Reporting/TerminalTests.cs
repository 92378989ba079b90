using System.Text.RegularExpressions;
using Spectre.Console;
using VggCifar.Reporting;
using VggCifar.Training;

namespace VggCifar.Tests.Reporting;

public class TerminalTests
{
    [Theory]
    [InlineData(80)]
    [InlineData(120)]
    public void The_table_keeps_mean_median_and_spread_whole_whatever_the_width(int width)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        console.Profile.Width = width;

        SummaryTable.Print(console, Runs.Settings, Summary.Of(Runs.All));

        var lines = output.ToString().Split('\n').Select(line => line.TrimEnd()).ToList();
        lines.Should().OnlyContain(line => line.Length <= width);
        lines.Should().ContainSingle(
            line => line.Contains("SGD") && line.Contains("0.02") && line.Contains("40.00") && line.Contains("36.00 to 44.00"));
        lines.Any(line => line.Contains("also in summary.md")).Should().Be(width < 120);
        output.ToString().Should().NotContain("…");
    }

    [Fact]
    public void The_live_display_shows_loss_accuracies_rate_speed_and_time_left_on_lines_of_their_own()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        console.Profile.Width = 80;
        var display = new TerminalDisplay(console, runs: 2, epochs: 2);

        display.Show(() =>
        {
            display.RunStarted(new RunName(Runs.Sgd, 1), 0, finished: false);
            display.Step(new StepStatus(1, 5, 10, 0.1, 2.345, 0.125, 321));
            Thread.Sleep(300); // three of the display's pictures
            display.Epoch(Runs.All[0].Epochs[0]);
            display.Epoch(Runs.All[0].Epochs[1]);
        });

        var lines = Regex.Replace(output.ToString(), @"\u001b\[[0-9;?]*[A-Za-z]", "").Split('\n');
        lines.Should().Contain(line => line.Contains("sgd-lr0.1-wd0.005-plateau-seed1") && line.Contains("epoch 1/2"));
        lines.Should().Contain(line => line.StartsWith("loss 2.345  train 12.5%  test –", StringComparison.Ordinal));
        lines.Should().Contain(line => line.StartsWith("rate 0.1  321 images/s", StringComparison.Ordinal));
        lines.Should().Contain(line => line.Contains("run 1 of 2, 00:00:") && line.Contains("left"));
        lines.Should().Contain(line => line.Contains("seed1        loss 1.500  train 25.0%  test 30.0%"));
    }

    [Theory]
    [InlineData(40)]
    [InlineData(55)]
    [InlineData(70)]
    [InlineData(79)]
    [InlineData(140)]
    public void The_live_display_never_needs_more_columns_than_there_are(int width)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes,
            ColorSystem = ColorSystemSupport.NoColors,
        });
        console.Profile.Width = width;
        var display = new TerminalDisplay(console, runs: 2, epochs: 2);
        var name = new RunName(Runs.Sgd with { Optimizer = "sa-measured-ce" }, 1);
        IReadOnlyList<string> screen = [];

        display.Show(() =>
        {
            display.RunStarted(name, 0, finished: false);
            Thread.Sleep(250);
            for (var step = 5; step < 8; step++)
            {
                display.Step(new StepStatus(1, step, 10, 0.1, 2.345, 0.125, 321));
                Thread.Sleep(250);
            }
            display.Epoch(Runs.All[0].Epochs[1]);
            Thread.Sleep(250);
            screen = Screen.Of(output.ToString(), width);
        });

        var text = string.Join('\n', screen);
        foreach (var part in new[]
        {
            "epoch 1/2", "loss 2.345", "train 12.5%", "test –", "rate 0.1", "321 images/s", "run 1 of 2", "loss 1.500",
            "test 30.0%",
        })
            Regex.Count(text, Regex.Escape(part)).Should().Be(1, $"of '{part}' one is to be seen, whole:\n{text}");
        Regex.Count(text, "sa-measured-ce-lr0.1-wd0.005").Should().Be(2, "the run goes on, and has left a line");
        screen.Should().OnlyContain(line => line.Length < width, text);
    }

    [Fact]
    public void Without_a_terminal_there_is_a_line_an_epoch()
    {
        using var output = new StringWriter();
        var display = new PlainDisplay(output, runs: 1, epochs: 2);

        display.Show(() =>
        {
            display.RunStarted(new RunName(Runs.Sgd, 1), 0, finished: false);
            foreach (var record in Runs.All[0].Epochs) display.Epoch(record);
        });

        var lines = output.ToString().TrimEnd().Split('\n');
        lines.Should().HaveCount(2);
        lines[1].Should().StartWith(
            "[1/1] sgd-lr0.1-wd0.005-plateau-seed1  epoch 2/2  rate 0.05  loss 1.500  train 25.0%  test 30.0%  1235 "
            + "images/s  left 00:00:00");
        output.ToString().Should().NotContain("\u001b");
    }
}
