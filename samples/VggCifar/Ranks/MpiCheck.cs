using VggCifar.Commands;
using VggCifar.Data;
using VggCifar.Training;

namespace VggCifar.Ranks;

/// <summary>Refuses what ranks cannot do together, before anything is written.</summary>
internal static class MpiCheck
{
    /// <summary>What Open MPI's and MPICH's launchers say about how many processes they have started.</summary>
    private static readonly string[] Started = ["OMPI_COMM_WORLD_SIZE", "PMI_SIZE"];

    /// <summary>Processes that a launcher has started without <c>--mpi</c> would all train the same, into one folder.</summary>
    public static void RefuseAlone(Request request, Func<string, string?> environment)
    {
        if (request.Mpi)
            throw new UserError("--mpi has to stand on the command line itself, not in a response file: MPI starts before "
                + "anything is read.");
        if (request.Part is not null)
            return;
        foreach (var variable in Started)
            if (int.TryParse(environment(variable), out var size) && size > 1)
                throw new UserError(
                    $"An MPI launcher has started {size} processes ({variable}), each of which would train alone: add --mpi, "
                    + "or --part for grids.");
    }

    public static void RefuseWhatCannotBe(Request request, Team team)
    {
        var settings = request.Settings;
        if (settings.BatchSize < team.Size)
            throw new UserError($"--batch-size: a batch of {settings.BatchSize} has no row for each of the {team.Size} ranks.");
        if (team.Ranks is not null && request.Monitor is not null)
            throw new UserError("--monitor looks at the whole batch in one process: leave out --mpi, or --monitor.");
        if (settings.SyncBatchNorm && settings.Device != "cpu")
            throw new UserError("--sync-bn works on the CPU only.");
    }

    /// <summary>A rank without rows measures nothing, while with --sync-bn measuring takes all ranks.</summary>
    public static void RefuseLastBatch(Settings settings, DataSet data, Team team)
    {
        var last = data.Train.Count % settings.BatchSize;
        if (settings.SyncBatchNorm && last > 0 && last < team.Size
            && settings.Grid.Any(spec => OptimizerFactory.Measures(spec.Optimizer)))
            throw new UserError(
                $"--sync-bn: the last batch of an epoch has {last} of {data.Train.Count} images, fewer than the {team.Size} "
                + "ranks, which measured scales need: change --train-images or --batch-size.");
    }
}
