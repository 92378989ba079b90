using Xunit.Abstractions;

namespace VggCifar.Tests.Reliability;

/// <summary>Kills, signals, a full disk and determinism, of real processes.</summary>
[Trait("Category", "Slow")]
public class ProcessTests(ITestOutputHelper output)
{
    private const int Killed = 128 + 9, Epochs = 100;

    private static string[] Arguments(string run, string optimizer = "sa", int epochs = Epochs) =>
    [
        "train", "--data", "builtin10", "--width", "0.03125", "--train-images", "48", "--test-images", "10", "--batch-size", "16",
        "--epochs", $"{epochs}", "--device", "cpu", "--threads", "1", "--lr", "0.01", "--optimizer", optimizer, "--resume",
        "--out", run,
    ];

    [Fact]
    public void Fifty_kills_at_random_moments_and_fifty_resumptions_end_as_the_unbroken_run()
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TemporaryFolder();
        Finish(folder.File("whole")).Code.Should().Be(0);
        var expected = Experiments.Result(folder.File("whole"));
        var random = new Random(50);
        var (kills, resumed, finished) = (0, 0, 0);

        for (var run = folder.File("run 0"); kills < 50 || resumed < 50 || finished == 0;)
        {
            using var child = new Child(Arguments(run));
            if (kills < 50 || resumed < 50)
            {
                // One kill in five comes anywhere, the others while epochs are trained and files written.
                if (random.Next(5) > 0)
                    while (!child.HasExited && !child.Output.Contains(" epoch ", StringComparison.Ordinal))
                        Thread.Sleep(2);
                Thread.Sleep(random.Next(800));
                child.Kill();
            }
            var outcome = child.Wait();
            outcome.Code.Should().BeOneOf([0, Killed], outcome.Errors);
            outcome.Errors.Should().BeEmpty();
            resumed += outcome.Output.Contains("goes on after", StringComparison.Ordinal) ? 1 : 0;
            kills += outcome.Code == Killed ? 1 : 0;
            if (outcome.Code != 0)
                continue;
            Experiments.Result(run).Should().Be(expected);
            Directory.GetFiles(run, "*.tmp", SearchOption.AllDirectories).Should().BeEmpty();
            run = folder.File($"run {++finished}");
        }

        output.WriteLine($"{kills} kills, {resumed} starts went on in a run, {finished} runs came to their end");
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public void A_signal_ends_the_run_with_its_code_and_a_checkpoint_from_which_it_goes_on(string signal, int code)
    {
        if (OperatingSystem.IsWindows()) return;
        using var folder = new TemporaryFolder();
        Finish(folder.File("whole")).Code.Should().Be(0);
        using var child = new Child(Arguments(folder.File("run")));
        while (!child.Output.Contains("epoch 3/", StringComparison.Ordinal))
            Thread.Sleep(5);

        child.Signal(signal);
        var outcome = child.Wait();

        outcome.Code.Should().Be(code, outcome.Errors);
        outcome.Errors.Should().BeEmpty();
        outcome.Output.Should().Contain("stopped and saved").And.Contain("--resume --out");
        Directory.GetFiles(Path.Combine(folder.File("run"), "checkpoints")).Should().ContainSingle();
        var rest = Finish(folder.File("run"));
        rest.Output.Should().Contain("goes on after epoch");
        Experiments.Result(folder.File("run")).Should().Be(Experiments.Result(folder.File("whole")));
    }

    [Fact]
    public void A_full_disk_ends_the_run_with_code_1_and_every_file_is_the_last_whole_one()
    {
        if (!OperatingSystem.IsLinux()) return;
        using var folder = new TemporaryFolder();
        var run = folder.File("run");
        using (var first = new Child(Arguments(run)))
        {
            while (!first.Output.Contains("epoch 2/", StringComparison.Ordinal))
                Thread.Sleep(5);
            first.Signal("TERM");
            first.Wait();
        }
        var checkpoint = Directory.GetFiles(Path.Combine(run, "checkpoints")).Single();
        var before = File.ReadAllBytes(checkpoint);

        // No file may grow beyond 16 KiB, so that writes fail half way, as on a full disk. (The runtime's own code pages
        // would count, too.)
        using (var starved = new Child(Arguments(run), "trap '' XFSZ; ulimit -f 32; export DOTNET_EnableWriteXorExecute=0;"))
        {
            var outcome = starved.Wait();
            outcome.Code.Should().Be(1, outcome.Output);
            outcome.Errors.Should().StartWith("A file could not be written").And.NotContain("\n");
        }

        File.ReadAllBytes(checkpoint).Should().Equal(before);
        Directory.GetFiles(run, "*.tmp", SearchOption.AllDirectories).Should().BeEmpty();
        Finish(run).Code.Should().Be(0);
        Finish(folder.File("whole")).Code.Should().Be(0);
        Experiments.Result(run).Should().Be(Experiments.Result(folder.File("whole")));
    }

    [Theory]
    [InlineData("sgd")]
    [InlineData("sa")]
    [InlineData("sa-measured")]
    public void The_same_seed_gives_the_same_bits_in_every_process(string optimizer)
    {
        using var folder = new TemporaryFolder();
        var results = Enumerable.Range(0, 3).Select(i =>
        {
            using var child = new Child(Arguments(folder.File($"run {i}"), optimizer, epochs: 5));
            child.Wait().Code.Should().Be(0);
            return Experiments.Result(folder.File($"run {i}"));
        }).ToList();
        results.Distinct().Should().ContainSingle().Which.Should().NotContain("no network");
    }

    private static Outcome Finish(string run)
    {
        using var child = new Child(Arguments(run));
        return child.Wait();
    }
}
