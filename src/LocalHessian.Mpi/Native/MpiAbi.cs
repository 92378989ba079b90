using System.Runtime.InteropServices;

namespace LocalHessian.Mpi.Native;

/// <summary>
/// What a library's C interface calls the world, its types and operations: Open MPI's handles are addresses of exported symbols,
/// those of the MPICH ABI numbers.
/// </summary>
internal sealed record MpiAbi(
    nint World, nint Float32, nint Float64, nint Int64, nint Bytes, nint Sum, nint Max, nint NoInfo, nint InPlace,
    int SharedMemory)
{
    private static readonly MpiAbi Mpich = new(
        0x44000000, 0x4c00040a, 0x4c00080b, 0x4c00083a, 0x4c00010d, 0x58000003, 0x58000001, 0x1c000000,
        InPlace: -1, SharedMemory: 1);

    public static MpiAbi Of(nint library)
    {
        if (!NativeLibrary.TryGetExport(library, "ompi_mpi_comm_world", out var world)) return Mpich;
        nint At(string name) => NativeLibrary.GetExport(library, name);
        return new MpiAbi(
            world, At("ompi_mpi_float"), At("ompi_mpi_double"), At("ompi_mpi_int64_t"), At("ompi_mpi_byte"),
            At("ompi_mpi_op_sum"), At("ompi_mpi_op_max"), At("ompi_mpi_info_null"), InPlace: 1, SharedMemory: 0);
    }
}
