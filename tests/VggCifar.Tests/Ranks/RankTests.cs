using System.Globalization;
using LocalHessian.Mpi.Tests;

namespace VggCifar.Tests.Ranks;

/// <summary>The program on ranks that mpirun starts.</summary>
public sealed class RankTests : IDisposable
{
    // float32 sums in another order, over six steps of an untrained network.
    private const double RoundOff = 1e-4;

    private static readonly string Program = Path.Combine(AppContext.BaseDirectory, "VggCifar.dll");

    // 22 images in batches of 8: the last has 6, for 4 ranks unevenly.
    private static string[] Tiny(int epochs = 2, int batch = 8) =>
    [
        "--data", "builtin10", "--network", "vgg11", "--width", "0.03125", "--train-images", "22", "--test-images", "10",
        "--batch-size", $"{batch}", "--epochs", $"{epochs}", "--device", "cpu", "--threads", "1",
    ];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [MpiFact]
    public void With_synchronised_batch_norm_every_optimizer_gives_the_numbers_of_one_process_on_any_number_of_ranks()
    {
        string[] compare = ["compare", .. Tiny(), "--optimizers", "sgd,lars,lsalr,sa", "--seeds", "1", "--lr", "0.01"];
        Job.Run([], [.. compare, "--out", In("alone")], program: Program).Code.Should().Be(0);
        foreach (var size in new[] { 2, 4 })
        {
            var job = Job.Run(Launch.Ranks(size), [.. compare, "--mpi", "--sync-bn", "--out", In($"on{size}")], program: Program);
            job.Code.Should().Be(0, job.Errors);
            job.Said("ranks: ").Should().Equal($"{size}, batch norm over all of them");
            job.Said("] sa-lr0.01-wd0.005-plateau-seed1  epoch 2/2").Should().HaveCount(1, "rank 0 alone shows");
            Numbers($"on{size}")
                .Should().Equal(Numbers("alone"), (a, b) => Math.Abs(a - b) <= RoundOff * Math.Max(1, Math.Abs(b)));
        }
    }

    [MpiFact]
    public void Measured_scales_train_on_ranks_with_batch_norm_of_their_own_rows()
    {
        var job = Job.Run(
            Launch.Ranks(2),
            ["compare", .. Tiny(), "--optimizers", "sa-measured,sa-block-trace", "--lr", "0.01", "--seeds", "1", "--mpi", "--out",
                In("measured")],
            program: Program);
        job.Code.Should().Be(0, job.Errors);
        Numbers("measured").Should().OnlyContain(number => double.IsFinite(number));
    }

    [MpiFact]
    public void A_signal_to_the_launcher_ends_in_a_checkpoint_from_which_another_number_of_ranks_goes_on()
    {
        string[] train = ["train", .. Tiny(epochs: 40), "--mpi", "--sync-bn", "--out"];
        var stopped = Job.Run(Launch.Ranks(2), [.. train, In("stopped")], program: Program, meanwhile: (launcher, output) =>
        {
            Job.Await(launcher, output, "epoch 2/40");
            Job.Signal(launcher, "USR1");
        });
        stopped.Code.Should().Be(138, stopped.Errors);
        stopped.Output.Should().Contain("stopped and saved; go on with: train --resume --out");
        Numbers("stopped").Should().HaveCountLessThan(40 * 6);

        Job.Run(Launch.Ranks(4), ["train", "--resume", "--mpi", "--out", In("stopped")], program: Program).Code.Should().Be(0);
        Job.Run([], [.. train.Where(o => o is not "--mpi"), In("whole")], program: Program).Code.Should().Be(0);
        // Losses of 40 epochs on 22 images: what rounding has become by then.
        Numbers("stopped").Should().Equal(Numbers("whole"), (a, b) => Math.Abs(a - b) <= 0.1 * Math.Max(1, Math.Abs(b)));
    }

    [MpiFact]
    public void A_killed_rank_ends_the_job_with_a_code_and_its_checkpoint_goes_on()
    {
        string[] train = ["train", .. Tiny(epochs: 30), "--mpi", "--out", In("killed")];
        var killed = Job.Run(Launch.Ranks(2), train, program: Program, meanwhile: (launcher, output) =>
        {
            Job.Await(launcher, output, "epoch 2/30");
            Job.Signal(Job.RankOf(launcher, 1), "KILL");
        });
        killed.Code.Should().Be(137, killed.Errors);
        var resumed = Job.Run(Launch.Ranks(2), ["train", "--resume", "--mpi", "--out", In("killed")], program: Program);
        resumed.Code.Should().Be(0, resumed.Errors);
        resumed.Output.Should().Contain("goes on after epoch").And.Contain("epoch 30/30");
    }

    [MpiFact]
    public void What_ranks_cannot_do_together_is_refused_by_rank_0_with_code_2()
    {
        foreach (var (options, message) in new (string[], string)[]
        {
            (["--mpi"], "--batch-size: a batch of 1 has no row for each of the 2 ranks."),
            (["--mpi", "--monitor", "2"], "--monitor looks at the whole batch in one process: leave out --mpi, or --monitor."),
            ([], "An MPI launcher has started 2 processes (OMPI_COMM_WORLD_SIZE), each of which would train alone: add --mpi"),
        })
        {
            var job = Job.Run(Launch.Ranks(2),
                ["train", .. Tiny(batch: message.StartsWith("--batch", StringComparison.Ordinal) ? 1 : 8), .. options, "--out",
                    In("refused")], program: Program);
            job.Code.Should().Be(2, job.Errors);
            job.Errors.Should().Contain(message);
            Directory.Exists(In("refused")).Should().BeFalse();
        }
    }

    [Fact]
    public void Mpi_in_a_response_file_is_refused_as_it_comes_too_late()
    {
        File.WriteAllText(In("options"), "--mpi");
        var outcome = InProcess.Run("train", $"@{In("options")}");
        outcome.Code.Should().Be(2);
        outcome.Errors.Should().StartWith("--mpi has to stand on the command line itself");
    }

    private string In(string name) => _folder.File(name);

    /// <summary>Losses and accuracies of every epoch; the rates with them.</summary>
    private List<double> Numbers(string folder) =>
    [
        .. File.ReadLines(Path.Combine(In(folder), "epochs.csv")).Skip(1)
            .SelectMany(line => line.Split(',')[5..11]).Select(value => double.Parse(value, CultureInfo.InvariantCulture)),
    ];
}
