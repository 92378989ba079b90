using CsCheck;
using VggCifar.Training;

namespace VggCifar.Tests.Reliability;

/// <summary>Two runs never mix in one folder, and damaged files in it are named.</summary>
public class FolderTests
{
    [Fact]
    public void A_second_run_into_a_folder_is_refused_unless_it_replaces_the_first()
    {
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        InProcess.Run([.. InProcess.Tiny, "--out", run]).Code.Should().Be(0);
        var before = Contents(run);

        var second = InProcess.Run([.. InProcess.Tiny, "--lr", "0.2", "--out", run]);

        second.Code.Should().Be(2);
        second.Errors.Should().Contain(run).And.Contain("--resume").And.Contain("--force").And.NotContain("\n");
        Contents(run).Should().Equal(before);
        InProcess.Run([.. InProcess.Tiny, "--lr", "0.2", "--force", "--out", run]).Code.Should().Be(0);
        File.ReadAllText(Path.Combine(run, "epochs.csv")).Should().Contain("sa,0.2");
        Directory.GetFiles(Path.Combine(run, "checkpoints")).Should().ContainSingle();
    }

    [Theory]
    [InlineData("--resume")]
    [InlineData("--force")]
    public void While_a_run_uses_a_folder_no_other_enters(string option)
    {
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        InProcess.Run([.. InProcess.Tiny, "--out", run]).Code.Should().Be(0);
        var before = Contents(run);
        using (RunFolder.Open(run, new SavedSettings("train", [], new Settings()), resume: true, force: false))
        {
            var second = InProcess.Run([.. InProcess.Tiny, option, "--out", run]);
            second.Code.Should().Be(2);
            second.Errors.Should().Contain("another run").And.Contain(run).And.NotContain("\n");
        }
        Contents(run).Should().Equal(before);
    }

    [Fact]
    public void Settings_damaged_anywhere_are_refused_by_name_or_are_the_same_settings()
    {
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        InProcess.Run([.. InProcess.Tiny, "--out", run]).Code.Should().Be(0);
        var file = Path.Combine(run, "settings.json");
        var content = File.ReadAllBytes(file);
        var settings = Json.Write(RunFolder.ReadSettings(run));

        Damage.Of(content).Sample(bytes =>
        {
            File.WriteAllBytes(file, bytes);
            try
            {
                Json.Write(RunFolder.ReadSettings(run)).Should().Be(settings); // as after a change of white space
            }
            catch (UserError e)
            {
                e.Message.Should().Contain(file);
            }
        }, iter: 500, threads: 1);

        File.WriteAllBytes(file, content[..^10]);
        var refused = InProcess.Run("train", "--resume", "--out", run);
        refused.Code.Should().Be(2);
        refused.Errors.Should().Contain(file).And.NotContain("\n");
    }

    [Fact]
    public void A_checkpoint_cut_at_any_byte_or_changed_anywhere_is_refused_by_name()
    {
        using var folder = new TemporaryFolder();
        var file = folder.File("run.checkpoint");
        Checkpoint.Write(
            file, "run", "settings", new RunState { Step = 3, Sums = [1, 2] }, writer => writer.Write([1, 2, 3, 4, 5]));
        var content = File.ReadAllBytes(file);
        using (var checkpoint = Checkpoint.Read(file, "run", "settings"))
        {
            checkpoint.State.Should().BeEquivalentTo(new RunState { Step = 3, Sums = [1, 2] });
            checkpoint.Content.ReadBytes(5).Should().Equal(1, 2, 3, 4, 5);
        }
        FluentActions.Invoking(() => Checkpoint.Read(file, "other", "settings")).Should().Throw<UserError>()
            .WithMessage($"*{file}*'run'*");
        FluentActions.Invoking(() => Checkpoint.Read(file, "run", "others")).Should().Throw<UserError>()
            .WithMessage($"*{file}*other settings*");

        for (var i = 0; i < content.Length; i++)
        {
            var flipped = content.ToArray();
            flipped[i] ^= (byte)(1 << (i % 8));
            Refused(content[..i]);
            Refused(flipped);
        }
        Damage.Of(content).Sample(Refused, iter: 500, threads: 1);

        void Refused(byte[] bytes)
        {
            File.WriteAllBytes(file, bytes);
            FluentActions.Invoking(() => Checkpoint.Read(file, "run", "settings")).Should().Throw<UserError>()
                .WithMessage($"*{file}*");
        }
    }

    [Fact]
    public void A_run_with_a_damaged_checkpoint_or_leftovers_of_a_kill_says_so_or_goes_on()
    {
        using var folder = new TemporaryFolder();
        var (run, settings) = (folder.File("run"), Experiments.Settings("sa"));
        Experiments.Run(run, settings, steps: 4).Should().BeFalse();
        Experiments.Run(folder.File("whole"), settings).Should().BeTrue();
        var file = Path.Combine(run, "checkpoints", Experiments.Id(settings) + ".checkpoint");
        var content = File.ReadAllBytes(file);

        File.WriteAllBytes(file, content[..^1]);
        FluentActions.Invoking(() => Experiments.Run(run, settings)).Should().Throw<UserError>().WithMessage($"*{file}*");
        File.ReadAllBytes(file).Should().Equal(content[..^1]);
        File.WriteAllBytes(file, content);
        string[] leftovers = [
            Temporary(file), Temporary(Path.Combine(run, "settings.json")), Temporary(Path.Combine(run, "epochs.csv")),
            Path.Combine(run, "run.lock")];
        foreach (var leftover in leftovers)
        {
            File.WriteAllBytes(leftover, content[..50]);
            File.SetLastWriteTimeUtc(leftover, DateTime.UtcNow.AddDays(-2));
        }

        Experiments.Run(run, settings).Should().BeTrue();

        Experiments.Result(run).Should().Be(Experiments.Result(folder.File("whole")));
        // settings are not written again
        Directory.GetFiles(run, "*.tmp", SearchOption.AllDirectories).Should().Equal(leftovers[1]);

        static string Temporary(string target) => $"{target}.{Guid.NewGuid():N}.tmp";
    }

    private static List<(string, string)> Contents(string path) =>
        Directory.GetFiles(path, "*", SearchOption.AllDirectories).Order()
        .Select(file => (file, Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(file)))))
            .ToList();
}
