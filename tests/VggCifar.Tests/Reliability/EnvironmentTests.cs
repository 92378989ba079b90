using System.Globalization;

namespace VggCifar.Tests.Reliability;

public class EnvironmentTests
{
    [Theory]
    [InlineData("de-DE")]
    [InlineData("fr-FR")]
    [InlineData("ar-SA")]
    public void Files_hold_the_same_numbers_whatever_the_language(string culture)
    {
        using var folder = new TemporaryFolder(); // a path with spaces and a letter outside ASCII
        var said = Said(InProcess.Run([.. InProcess.Tiny, "--lr", "0.0125", "--out", folder.File("invariant")]));
        var before = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = new CultureInfo(culture);
            Said(InProcess.Run([.. InProcess.Tiny, "--lr", "0.0125", "--out", folder.File("other")])).Should().Be(said);
            InProcess.Run([.. InProcess.Tiny, "--lr", "-0.5", "--out", folder.File("never")]).Errors.Should().Contain("is -0.5;");
            InProcess.Run("train", "--resume", "--out", folder.File("other")).Code.Should().Be(0);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        Experiments.Result(folder.File("other")).Should().Be(Experiments.Result(folder.File("invariant")));
        foreach (var file in new[] { "summary.csv", "summary.md" })
            File.ReadAllText(Path.Combine(folder.File("other"), file)).Should()
                .Be(File.ReadAllText(Path.Combine(folder.File("invariant"), file)));
    }

    /// <summary>What was said, but for speed and paths.</summary>
    private static string Said(Outcome outcome)
    {
        outcome.Code.Should().Be(0);
        return System.Text.RegularExpressions.Regex.Replace(outcome.Output, @"\d+ images/s.*|/tmp.*|\\.*", "");
    }

    [Fact]
    public void Output_that_is_no_terminal_gets_whole_lines_without_control_characters()
    {
        using var folder = new TemporaryFolder();
        var outcome = InProcess.Run([.. InProcess.Tiny, "--out", folder.File("run")]);
        outcome.Output.Replace("\n", "", StringComparison.Ordinal).Should().Match(text => !text.Any(char.IsControl));
        outcome.Output.Should().Contain("epoch 1/1").And.Contain(folder.File("run"));
    }
}
