namespace VggCifar.Tests.Reliability;

public class BadOptionTests
{
    [Fact]
    public void A_rate_that_is_not_finite_is_refused_before_anything_is_written()
    {
        using var folder = new TemporaryFolder();
        var outcome = InProcess.Run([.. InProcess.Tiny, "--lr", "NaN", "--out", folder.File("run")]);
        outcome.Code.Should().Be(2);
        outcome.Errors.Should().Contain("--lr").And.Contain("NaN");
        Directory.Exists(folder.File("run")).Should().BeFalse();
    }

    [Fact]
    public void The_smallest_run_ends_well()
    {
        using var folder = new TemporaryFolder();
        var outcome = InProcess.Run([.. InProcess.Tiny, "--out", folder.File("run")]);
        outcome.Errors.Should().BeEmpty();
        outcome.Code.Should().Be(0);
    }
}
