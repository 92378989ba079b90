using LocalHessian.Mpi.Native;

namespace LocalHessian.Mpi;

/// <summary>Runs a program as one rank of a job.</summary>
/// <remarks>
/// MPI ends only after success: any exception, and any exit code but zero, ends the processes of all ranks at once, so that none
/// waits for one that will not come. Started without a launcher the program is the only rank.
/// </remarks>
/// <example>
/// <code>
/// return MpiRun.Run(ranks =>
/// {
///     ranks.Broadcast(model);
///     using var optimizer = new ScaleAmendedSGD(model, example, lr: 0.05) { Ranks = ranks };
///     …
///     return 0;
/// });
/// </code>
/// </example>
public static class MpiRun
{
    /// <summary>The exit code after an exception.</summary>
    public const int Failed = 1;

    /// <summary>The exit code where MPI cannot be used: no library, or one of another MPI than the launcher.</summary>
    public const int Unusable = 2;

    /// <summary>MPICH's launcher drops what it has not passed on by the time it ends the job.</summary>
    private static readonly TimeSpan UntilPassedOn = TimeSpan.FromSeconds(0.5);

    /// <summary>Starts MPI, runs the program and ends MPI.</summary>
    /// <param name="main">The program; it returns its exit code. Before it returns another than zero it should have told the
    /// other ranks, with <see cref="MpiRanks.Barrier"/> at least.</param>
    /// <returns>
    /// Zero, or <see cref="Unusable"/> with one sentence on standard error. After any other end of <paramref name="main"/> the
    /// processes of all ranks end with its code, or with <see cref="Failed"/> and the exception on standard error: then this does
    /// not return.
    /// </returns>
    /// <remarks>Once a process: MPI cannot be started again.</remarks>
    public static int Run(Func<MpiRanks, int> main)
    {
        ArgumentNullException.ThrowIfNull(main);
        MpiFunctions mpi;
        try
        {
            var (library, name) = MpiLibrary.Load(MpiLibrary.Names(Environment.GetEnvironmentVariable));
            mpi = new MpiFunctions(library);
            mpi.Start();
            Launcher.ThrowUnless(Environment.GetEnvironmentVariable, mpi.Size, $"{mpi.Version}, {name}");
        }
        catch (MpiException e)
        {
            Console.Error.WriteLine(e.Message);
            return Unusable;
        }

        return Run(mpi, main);
    }

    private static int Run(MpiFunctions mpi, Func<MpiRanks, int> main)
    {
        var code = Failed;
        try
        {
            var ranks = new MpiRanks(mpi);
            code = main(ranks);
            if (code == 0)
            {
                ranks.End();
                return 0;
            }
        }
        catch (Exception e)
        {
            code = Failed;
            Console.Error.WriteLine($"Rank {mpi.Rank} of {mpi.Size} failed, and with it the job: "
                + $"{(e is MpiException ? e.Message : e)}");
        }

        Console.Out.Flush();
        Console.Error.Flush();
        Thread.Sleep(UntilPassedOn);
        mpi.Abort(code);
        return code;
    }
}
