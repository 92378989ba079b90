using System.Globalization;
using LocalHessian.Mpi.Native;
using LocalHessian.Mpi.Tests.Program;

namespace LocalHessian.Mpi.Tests;

/// <summary>
/// Whatever goes wrong on one rank ends the job with a code and a message; <see cref="Job"/> bounds the time and looks for
/// processes left behind.
/// </summary>
public class FailureTests
{
    [MpiTheory]
    [InlineData(nameof(Failures.Throws), 2, 1, "Rank 1 of 2 failed, and with it the job: System.IO.InvalidDataException: The "
        + "data")]
    [InlineData(nameof(Failures.Throws), 4, 1, "Rank 1 of 4 failed, and with it the job: System.IO.InvalidDataException: The "
        + "data")]
    [InlineData(nameof(Failures.ThrowsElsewhere), 2, 134, "The data of this thread are damaged.")]
    [InlineData(nameof(Failures.CatchesAndLeaves), 2, 1, "have lost each other")]
    [InlineData(nameof(Failures.HasFewerBatches), 2, 1, "have lost each other")]
    [InlineData(nameof(Failures.HasFewerBatches), 4, 1, "have lost each other")]
    [InlineData(nameof(Failures.HasMoreNumbers), 2, 1, "have lost each other")]
    [InlineData(nameof(Failures.WaitsElsewhere), 2, 1, "have lost each other")]
    [InlineData(nameof(Failures.IsKilled), 2, 137, "signal 9|ORTE_ERROR_LOG")]
    [InlineData(nameof(Failures.Aborts), 2, 7, "MPI_ABORT|ORTE_ERROR_LOG")]
    [InlineData(nameof(Failures.HasAnotherNetwork), 2, 1, "number 1 is 'weight' of shape [")]
    [InlineData(nameof(Failures.HasAnotherNumberOfThreads), 2, 1, "The ranks have different numbers of CPU threads")]
    [InlineData(nameof(Failures.UsesAnotherThread), 2, 1, "is used from the thread that MpiRun was called on")]
    public void The_job_ends_with_a_code_and_a_message(string scenario, int size, int code, string message)
    {
        var job = Job.Run(Launch.Ranks(size), [scenario]);
        // Behind a bar: Open MPI's launcher now and then cannot unpack its own words, and says that instead.
        job.Errors.Should().ContainAny(message.Split('|'));
        job.Code.Should().Be(code);
    }

    [MpiTheory]
    [InlineData(0)]
    [InlineData(3)]
    public void A_rank_that_exits_without_a_word_ends_the_job(int code)
    {
        var job = Job.Run(Launch.Ranks(2), [nameof(Failures.Exits), code.ToString(CultureInfo.InvariantCulture)]);
        job.Code.Should().NotBe(0);
        (job.Output + job.Errors).Should().ContainAny("exit", "ORTE_ERROR_LOG");
    }

    [MpiFact]
    public void The_code_that_a_program_returns_is_the_jobs()
    {
        Job.Run(Launch.Ranks(2), [nameof(Failures.returns), "5"]).Code.Should().Be(5);
    }

    [MpiTheory]
    [InlineData("TERM")]
    [InlineData("INT")]
    public void A_signal_to_the_launcher_ends_all_ranks(string signal)
    {
        var job = Job.Run(Launch.Ranks(2), [nameof(Failures.Works)], meanwhile: (id, output) =>
        {
            Job.Await(id, output, "working on rank 1");
            Job.Signal(id, signal);
        });
        job.Code.Should().NotBe(0);
    }

    [MpichTheory]
    [InlineData(nameof(Failures.Throws), "The data of this rank are damaged.")]
    [InlineData(nameof(Failures.HasFewerBatches), "have lost each other")]
    [InlineData(nameof(Failures.IsKilled), "ignal 9")]
    public void With_MPICH_the_job_ends_as_well(string scenario, string message)
    {
        var job = Job.Run(Launch.MpichRanks(2), [scenario]);
        job.Code.Should().NotBe(0);
        (job.Output + job.Errors).Should().Contain(message);
    }

    [MpiFact]
    public void A_launcher_of_another_MPI_is_refused_instead_of_training_alone_on_every_rank()
    {
        // What such a launcher leaves: several processes, each the only one of its MPI.
        var job = Job.Run([], [nameof(Numbers.Sums)], new Dictionary<string, string> { ["SLURM_STEP_NUM_TASKS"] = "2" });
        job.Code.Should().Be(MpiRun.Unusable);
        job.Errors.Should().StartWith(
            "The launcher has started 2 processes (SLURM_STEP_NUM_TASKS), but the MPI library counts 1 (Open MPI");
        job.Output.Should().NotContain("sums are right");
    }

    [MpichFact]
    public void Open_MPIs_launcher_with_MPICHs_library_is_refused()
    {
        if (Launch.Missing is not null) return;
        var other = new Dictionary<string, string> { [MpiLibrary.Variable] = "libmpich.so.12" };
        var job = Job.Run(Launch.Ranks(2), [nameof(Numbers.Sums)], other);
        job.Code.Should().Be(MpiRun.Unusable);
        job.Errors.Should().Contain(
            "The launcher has started 2 processes (OMPI_COMM_WORLD_SIZE), but the MPI library counts 1 (MPICH");
        job.Output.Should().NotContain("sums are right");
    }

    [Fact]
    public void Without_a_library_one_sentence_has_the_names_tried_and_the_package_to_install()
    {
        var job = Job.Run([], [nameof(Numbers.Sums)], new Dictionary<string, string> { [MpiLibrary.Variable] = "libnone.so.1" });
        job.Code.Should().Be(MpiRun.Unusable);
        job.Errors.Trim().Should().StartWith("No MPI library is here (tried libnone.so.1)")
            .And.Contain("apt-get install libopenmpi3 openmpi-bin").And.NotContain("\n");
    }

    [MpiFact]
    public void Without_a_launcher_the_program_is_the_only_rank()
    {
        var job = Job.Run([], [nameof(Numbers.Sums)]);
        job.Code.Should().Be(0, job.Errors);
        job.Output.Should().Contain("sums are right on rank 0 of 1");
    }
}
