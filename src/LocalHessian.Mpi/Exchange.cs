using LocalHessian.Mpi.Native;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Mpi;

/// <summary>Moves tensors' memory through MPI.</summary>
internal sealed unsafe class Exchange(MpiFunctions mpi)
{
    /// <summary>Numbers, or bytes of a broadcast, in one call of MPI, which counts them in 32 bits.</summary>
    internal static int MostElements { get; set; } = 1 << 30;

    /// <summary>Throws on all ranks unless all ask for the same with as many elements.</summary>
    public void Compare(Call call, long elements, int rank)
    {
        // The largest and, negated, the smallest of each in one call.
        var both = stackalloc long[] { (long)call, -(long)call, elements, -elements };
        mpi.AllReduce(both, 4, mpi.Abi.Int64, mpi.Abi.Max);
        var (last, first) = ((Call)both[0], (Call)(-both[1]));
        if (last != first)
            throw new MpiException(
                $"The ranks have lost each other: rank {rank} {Words(call)}, while another "
                + $"{Words(last == call ? first : last)}. All ranks have to do the same steps; one with fewer batches takes "
                + "part with zero samples.");
        if (both[2] != -both[3])
            throw new MpiException(
                $"The ranks have lost each other: rank {rank} {Words(call)} with {elements} numbers, another with "
                + $"{(both[2] == elements ? -both[3] : both[2])}. All ranks need the same network and the same steps.");
    }

    public void Sum(IReadOnlyList<Tensor> tensors, double weight)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        foreach (var group in tensors.Where(t => t.numel() > 0).GroupBy(t => t.dtype))
        {
            var flat = FlatBuffer.Of([.. group]);
            Weigh(flat.Numbers, weight);
            for (var at = 0L; at < flat.Numbers.numel(); at += MostElements)
            {
                var part = flat.Numbers.narrow(0, at, Math.Min(MostElements, flat.Numbers.numel() - at));
                var type = part.dtype == ScalarType.Float64 ? mpi.Abi.Float64 : mpi.Abi.Float32;
                mpi.AllReduce(Memory(part), (int)part.numel(), type, mpi.Abi.Sum);
            }

            flat.Scatter();
        }
    }

    public void Broadcast(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        var host = tensor.cpu().contiguous();
        var bytes = host.numel() * host.element_size();
        for (var at = 0L; at < bytes; at += MostElements)
            mpi.Broadcast((byte*)Memory(host) + at, (int)Math.Min(MostElements, bytes - at));
        tensor.detach().copy_(host);
    }

    private static void Weigh(Tensor flat, double weight)
    {
        if (weight == 0) flat.zero_(); // NaN times zero is NaN
        else if (weight != 1)
        {
            using var scalar = weight.ToScalar(); // until the call is over, unlike a number
            flat.mul_(scalar);
        }
    }

    private static void* Memory(Tensor contiguous)
    {
        fixed (byte* data = contiguous.bytes) return data;
    }

    private static string Words(Call call) => call switch
    {
        Call.Sum => "sums tensors",
        Call.Broadcast => "broadcasts",
        Call.Barrier => "waits at a barrier",
        _ => "has ended",
    };
}
