using System.Globalization;

namespace LocalHessian.Mpi;

/// <summary>How many processes the launcher says it has started: MPI has to count as many.</summary>
/// <remarks>A launcher of one MPI and a library of another start n programs that each train alone, without a word.</remarks>
internal static class Launcher
{
    /// <summary>
    /// Open MPI's mpirun, MPICH's mpiexec, Slurm's srun. The first that is set counts: mpirun on Slurm uses a step of its own.
    /// </summary>
    private static readonly string[] Variables = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"];

    /// <summary>Throws where the launcher's number of processes is known and is not MPI's.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    /// <param name="size">MPI's.</param>
    /// <param name="library">What MPI it is.</param>
    public static void ThrowUnless(Func<string, string?> environment, int size, string library)
    {
        foreach (var variable in Variables)
        {
            if (!int.TryParse(environment(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var started)) continue;
            if (started == size) return;
            throw new MpiException(
                $"The launcher has started {started} processes ({variable}), but the MPI library counts {size} ({library}): "
                + "they are of different MPIs, and each process would train alone. Use the launcher that belongs to the "
                + $"library, or name the library in {Native.MpiLibrary.Variable}; with srun add --mpi=pmix (Open MPI) or "
                + "--mpi=pmi2 (MPICH).");
        }
    }
}
