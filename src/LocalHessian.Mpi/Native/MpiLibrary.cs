using System.Runtime.InteropServices;

namespace LocalHessian.Mpi.Native;

/// <summary>
/// Finds the system's MPI library. Which of several decides the launcher that started the process, as the two must be of one MPI.
/// </summary>
internal static class MpiLibrary
{
    /// <summary>Names a library, or its path, in place of those that are tried.</summary>
    public const string Variable = "LOCALHESSIAN_MPI";

    /// <summary>
    /// Open MPI; the common ABI of MPICH, Intel MPI, MVAPICH and Cray; Debian's name for MPICH; development packages' link to
    /// either.
    /// </summary>
    private static readonly string[] OpenFirst = ["libmpi.so.40", "libmpi.so.12", "libmpich.so.12", "libmpi.so"];
    private static readonly string[] MpichFirst = ["libmpi.so.12", "libmpich.so.12", "libmpi.so.40", "libmpi.so"];

    /// <summary>The names to try, in order.</summary>
    /// <param name="environment">Reads an environment variable.</param>
    public static IReadOnlyList<string> Names(Func<string, string?> environment) =>
        environment(Variable) is { Length: > 0 } name ? [name]
        : environment("PMI_SIZE") is not null && environment("OMPI_COMM_WORLD_SIZE") is null ? MpichFirst
        : OpenFirst;

    /// <summary>Loads the first that is there.</summary>
    /// <exception cref="MpiException">None is; the message has the names tried and the package to install.</exception>
    public static (nint Library, string Name) Load(IReadOnlyList<string> names)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, out var library)) return (library, name);
        }

        throw new MpiException(
            $"No MPI library is here (tried {string.Join(", ", names)}): install one, on Debian and Ubuntu with 'apt-get "
            + $"install libopenmpi3 openmpi-bin', on a cluster with its module, or name the library in {Variable}.");
    }
}
