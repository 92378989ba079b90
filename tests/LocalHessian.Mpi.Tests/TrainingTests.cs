using LocalHessian.Mpi.Tests.Program;

namespace LocalHessian.Mpi.Tests;

public class TrainingTests
{
    [MpiTheory]
    [InlineData(2)]
    [InlineData(4)]
    public void Every_optimizer_and_source_of_scales_gives_the_same_bits_on_all_ranks_after_fifty_steps(int size)
    {
        var job = Job.Run(Launch.Ranks(size), [nameof(Training.FiftySteps)]);
        job.Code.Should().Be(0, job.Errors);
        var hashes = job.Said("weights ").GroupBy(line => line.Split(' ')[0]).ToList();
        hashes.Select(h => h.Key)
            .Should().BeEquivalentTo("SGD", "AdamW", "LARS", "LSALR", "ClosedForm", "Composite", "BlockTrace", "BlockRayleigh");
        hashes.Should().AllSatisfy(h => h.Should().HaveCount(size).And.Subject.Distinct().Should().HaveCount(1, h.Key));
        hashes.Select(h => h.First()).Should().OnlyHaveUniqueItems();
    }

    [MpiTheory]
    [InlineData(2)]
    [InlineData(4)]
    public void With_synchronised_batch_norm_steps_are_those_of_one_process_with_the_whole_batch(int size)
    {
        var job = Job.Run(Launch.Ranks(size), [nameof(Training.AgainstOne)]);
        job.Code.Should().Be(0, job.Errors);
        job.Said("distance ").Should().HaveCount(4 * size).And.OnlyContain(line => line == "fine");
    }
}
