using System.Runtime.InteropServices;
using System.Text;

namespace LocalHessian.Mpi.Native;

/// <summary>The functions of MPI that are needed, on its world communicator.</summary>
internal sealed unsafe class MpiFunctions
{
    private const int Funneled = 1, LongestText = 8192;
    private readonly nint _library;
    private readonly delegate* unmanaged<void*, void*, int, nint, nint, nint, int> _allreduce;
    private readonly delegate* unmanaged<void*, int, nint, int, nint, int> _broadcast;

    public MpiFunctions(nint library)
    {
        (_library, Abi) = (library, MpiAbi.Of(library));
        _allreduce = (delegate* unmanaged<void*, void*, int, nint, nint, nint, int>)At("MPI_Allreduce");
        _broadcast = (delegate* unmanaged<void*, int, nint, int, nint, int>)At("MPI_Bcast");
    }

    public MpiAbi Abi { get; }

    /// <summary>Starts MPI for calls from this thread alone.</summary>
    public void Start()
    {
        int provided;
        var start = (delegate* unmanaged<void*, void*, int, int*, int>)At("MPI_Init_thread");
        ThrowIfFailed(start(null, null, Funneled, &provided));
        if (provided < Funneled)
            throw new MpiException("This MPI is for programs of one thread, which .NET's are not: use one built with threads.");
    }

    public int Rank => Number("MPI_Comm_rank", Abi.World);

    public int Size => Number("MPI_Comm_size", Abi.World);

    /// <summary>This rank's number among those that share its machine's memory.</summary>
    public int LocalRank
    {
        get
        {
            nint local = 0;
            var split = (delegate* unmanaged<nint, int, int, nint, nint*, int>)At("MPI_Comm_split_type");
            ThrowIfFailed(split(Abi.World, Abi.SharedMemory, Rank, Abi.NoInfo, &local));
            return Number("MPI_Comm_rank", local);
        }
    }

    /// <summary>How the library calls itself, its first line.</summary>
    public string Version
    {
        get
        {
            var text = stackalloc byte[LongestText];
            int length;
            ThrowIfFailed(((delegate* unmanaged<byte*, int*, int>)At("MPI_Get_library_version"))(text, &length));
            return Encoding.ASCII.GetString(text, length).Split('\n')[0].TrimEnd('\0', ' ', ',');
        }
    }

    /// <summary>Combines buffers of all ranks in place.</summary>
    public void AllReduce(void* data, int count, nint type, nint operation) =>
        ThrowIfFailed(_allreduce((void*)Abi.InPlace, data, count, type, operation, Abi.World));

    /// <summary>Copies rank 0's bytes to all ranks.</summary>
    public void Broadcast(void* data, int bytes) => ThrowIfFailed(_broadcast(data, bytes, Abi.Bytes, 0, Abi.World));

    public void Barrier() => ThrowIfFailed(((delegate* unmanaged<nint, int>)At("MPI_Barrier"))(Abi.World));

    /// <summary>Ends MPI; waits for all ranks to do so.</summary>
    public void Finish() => ThrowIfFailed(((delegate* unmanaged<int>)At("MPI_Finalize"))());

    /// <summary>Ends the processes of all ranks.</summary>
    public void Abort(int code) => ((delegate* unmanaged<nint, int, int>)At("MPI_Abort"))(Abi.World, code);

    private nint At(string name) => NativeLibrary.GetExport(_library, name);

    private int Number(string function, nint communicator)
    {
        int number;
        ThrowIfFailed(((delegate* unmanaged<nint, int*, int>)At(function))(communicator, &number));
        return number;
    }

    // MPI ends the job on most errors by itself, with a message.
    private static void ThrowIfFailed(int code)
    {
        if (code != 0) throw new MpiException($"MPI failed with code {code}.");
    }
}
