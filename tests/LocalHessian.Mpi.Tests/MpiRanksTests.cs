namespace LocalHessian.Mpi.Tests;

public class MpiRanksTests
{
    [MpiTheory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    public void Sums_means_and_votes_are_right_in_every_dtype(int size)
    {
        var job = Job.Run(Launch.Ranks(size), [nameof(Program.Numbers.Sums)]);
        job.Code.Should().Be(0, job.Errors);
        job.Said("sums are right on rank ").Select(s => s.Split(';')[0]).Order()
            .Should().Equal(Enumerable.Range(0, size).Select(r => $"{r} of {size}, local {r}"));
        job.Output.Should().Contain("Open MPI");
    }

    [MpiFact]
    public void Flat_gradients_are_summed_where_they_lie_and_stay_there_over_backward_passes()
    {
        var job = Job.Run(Launch.Ranks(2), [nameof(Program.Numbers.Adjacent)]);
        job.Code.Should().Be(0, job.Errors);
    }

    [MpiFact]
    public void A_network_is_given_to_all_ranks_with_its_buffers()
    {
        var job = Job.Run(Launch.Ranks(4), [nameof(Program.Numbers.Broadcasts)]);
        job.Code.Should().Be(0, job.Errors);
        job.Said("network ").Should().HaveCount(4).And.Subject.Distinct().Should().HaveCount(1);
        job.Said("batches ").Should().Equal("1", "1", "1", "1");
    }

    [MpiFact]
    public void Sums_and_broadcasts_too_long_for_one_call_are_made_in_pieces()
    {
        var job = Job.Run(Launch.Ranks(2), [nameof(Program.Numbers.Pieces)]);
        job.Code.Should().Be(0, job.Errors);
    }

    [MpichFact]
    public void The_ranks_of_MPICH_work_the_same()
    {
        var job = Job.Run(Launch.MpichRanks(2), [nameof(Program.Numbers.Sums)]);
        job.Code.Should().Be(0, job.Errors);
        job.Said("sums are right on rank ").Select(s => s.Split(';')[0]).Order()
            .Should().Equal("0 of 2, local 0", "1 of 2, local 1");
        job.Output.Should().Contain("MPICH");
    }
}
