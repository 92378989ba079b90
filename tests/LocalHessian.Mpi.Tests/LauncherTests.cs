using LocalHessian.Mpi.Native;

namespace LocalHessian.Mpi.Tests;

public class LauncherTests
{
    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", 4)]
    [InlineData("PMI_SIZE=2", 2)]
    [InlineData("SLURM_STEP_NUM_TASKS=8", 8)]
    [InlineData("OMPI_COMM_WORLD_SIZE=4 SLURM_STEP_NUM_TASKS=2", 4)] // mpirun on Slurm has a step of its own, a daemon a node
    [InlineData("", 1)]
    [InlineData("PMI_SIZE=some", 1)]
    public void As_many_processes_as_MPI_counts_are_accepted(string variables, int size) =>
        FluentActions.Invoking(() => Launcher.ThrowUnless(Environment(variables), size, "MPI")).Should().NotThrow();

    [Theory]
    [InlineData("OMPI_COMM_WORLD_SIZE=4", 1)]
    [InlineData("PMI_SIZE=2", 1)]
    [InlineData("SLURM_STEP_NUM_TASKS=8", 1)]
    [InlineData("PMI_SIZE=2 SLURM_STEP_NUM_TASKS=1", 1)]
    public void Another_number_is_refused_with_the_variable_that_says_it(string variables, int size) =>
        FluentActions.Invoking(() => Launcher.ThrowUnless(Environment(variables), size, "MPI 1"))
            .Should().Throw<MpiException>()
            .WithMessage(
                $"The launcher has started * processes ({variables.Split('=')[0]}), but the MPI library counts 1 (MPI 1)*");

    [Fact]
    public void The_library_of_the_launcher_is_tried_first_and_a_name_given_is_the_only_one()
    {
        MpiLibrary.Names(Environment("")).Should().StartWith(["libmpi.so.40"]);
        MpiLibrary.Names(Environment("OMPI_COMM_WORLD_SIZE=2 PMI_SIZE=2")).Should().StartWith(["libmpi.so.40"]);
        MpiLibrary.Names(Environment("PMI_SIZE=2")).Should().StartWith(["libmpi.so.12", "libmpich.so.12"]);
        MpiLibrary.Names(Environment("LOCALHESSIAN_MPI=/opt/mpi.so PMI_SIZE=2")).Should().Equal("/opt/mpi.so");
    }

    private static Func<string, string?> Environment(string variables)
    {
        var pairs = variables.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(v => v.Split('='))
            .ToDictionary(v => v[0], v => v[1]);
        return pairs.GetValueOrDefault;
    }
}
