using CsCheck;
using VggCifar.Data;
using VggCifar.Training;

namespace VggCifar.Tests.Reliability;

/// <summary>Random edits of every file of a stopped run's folder, each followed by --resume.</summary>
public class FolderAttackTests
{
    private const int Edits = 4, Interval = 4;

    [Fact]
    public void Whatever_happens_to_a_file_the_run_ends_as_the_unbroken_one_or_one_sentence_says_what_is_wrong()
    {
        using var folder = new TemporaryFolder();
        var (whole, stopped, attacked) = (folder.File("whole"), folder.File("stopped"), folder.File("attacked"));
        Start(whole, int.MaxValue).Should().BeTrue();
        Start(stopped, steps: 5).Should().BeFalse();
        var files = Directory.GetFiles(stopped, "*", SearchOption.AllDirectories)
            .Select(file => Path.GetRelativePath(stopped, file)).ToList();
        files.Should().Contain(["settings.json", "epochs.csv", "results.json"])
            .And.Contain(file => file.EndsWith(".checkpoint")).And.Contain(file => file.EndsWith(".csv"));
        var went = 0;

        // One picture stands for all: none is read.
        foreach (var name in files.Where(file => Path.GetExtension(file) != ".png")
            .Append(files.First(file => Path.GetExtension(file) == ".png")))
        {
            Damage.Of(File.ReadAllBytes(Path.Combine(stopped, name)))
                .Sample(bytes => Attack(name, file => File.WriteAllBytes(file, bytes)), iter: Edits, threads: 1);
            Attack(name, File.Delete);
            Attack(name, file =>
            {
                File.Delete(file);
                Directory.CreateDirectory(file);
            });
        }

        went.Should().BeGreaterThan(Edits, "not every file decides");

        void Attack(string name, Action<string> edit)
        {
            if (Directory.Exists(attacked)) Directory.Delete(attacked, recursive: true);
            Copy(stopped, attacked);
            edit(Path.Combine(attacked, name));

            var outcome = InProcess.Run("train", "--resume", "--out", attacked);

            outcome.Errors.Should().NotContain("\n").And.NotContain("Exception").And.NotContain("The program failed");
            if (outcome.Code != 0)
            {
                outcome.Code.Should().BeOneOf(1, 2);
                outcome.Errors.Should().Contain(
                    Directory.Exists(Path.Combine(attacked, name)) || name != "settings.json"
                        ? Path.GetFileName(name)
                        : "settings.json");
                return;
            }
            went++;
            Experiments.Result(attacked).Should().Be(Experiments.Result(whole), name);
            var records = files.Single(
                file => file.StartsWith("blocks", StringComparison.Ordinal) && file.EndsWith(".csv", StringComparison.Ordinal));
            if (name != records)
                File.ReadAllText(Path.Combine(attacked, records)).Should()
                    .Be(File.ReadAllText(Path.Combine(whole, records)), name);
        }
    }

    /// <summary>As the command line starts it, but stopped after so many steps.</summary>
    private static bool Start(string path, int steps)
    {
        var settings = Experiments.Settings("sa", 0.01) with { Epochs = 2 };
        using var data = SyntheticImages.Create(10, settings.TrainImages, settings.TestImages);
        return Experiments.Run(path, settings with { Fingerprint = DataFingerprint.Of(data) }, steps, Interval);
    }

    private static void Copy(string from, string to)
    {
        foreach (var file in Directory.GetFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }
}
