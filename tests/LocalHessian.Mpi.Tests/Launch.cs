using System.Runtime.InteropServices;

namespace LocalHessian.Mpi.Tests;

/// <summary>Which MPIs are here, and the command lines that start ranks of this machine with them.</summary>
internal static class Launch
{
    private const string OpenMpi = "mpirun.openmpi", Mpich = "mpiexec.mpich";

    /// <summary>Why no test can start ranks, or null.</summary>
    public static string? Missing { get; } = Launcher is null || !Loads("libmpi.so.40")
        ? "No Open MPI is here: mpirun and libmpi.so.40 are needed (Debian: openmpi-bin, libopenmpi3)."
        : null;

    /// <summary>Why no test can start ranks of MPICH, or null.</summary>
    public static string? MpichMissing { get; } =
        InPath(Mpich) && Loads("libmpich.so.12") ? null : "No MPICH is here (Debian: mpich).";

    private static string? Launcher => InPath(OpenMpi) ? OpenMpi : InPath("mpirun") ? "mpirun" : null;

    /// <summary>Open MPI on the loopback: more ranks than cores, through shared memory.</summary>
    public static string[] Ranks(int count) =>
    [
        Launcher!, "--oversubscribe", "--bind-to", "none", "--mca", "btl", "self,vader",
        "--mca", "btl_vader_single_copy_mechanism", "none", "-np", $"{count}",
    ];

    public static string[] MpichRanks(int count) => [Mpich, "-n", $"{count}"];

    private static bool InPath(string name) =>
        !OperatingSystem.IsWindows() && (Environment.GetEnvironmentVariable("PATH") ?? "")
            .Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, name)));

    private static bool Loads(string name) => NativeLibrary.TryLoad(name, out _);
}
