using System.Text;
using LocalHessian.Mpi;
using LocalHessian.Parallel;
using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Ranks;

/// <summary>
/// The ranks of <c>--mpi</c> that train every run together, seen from one of them; without MPI a team of one, which asks nobody.
/// </summary>
internal sealed class Team(MpiRanks? ranks)
{
    public static readonly Team Alone = new(null);

    public IRanks? Ranks => ranks;
    public int Rank => ranks?.Rank ?? 0;
    public int Size => ranks?.Size ?? 1;

    /// <summary>Whether this one shows and writes: rank 0.</summary>
    public bool Leads => Rank == 0;

    /// <summary>
    /// This rank's rows of those from one number to another, which it does not include: contiguous, their numbers equal or apart
    /// by one.
    /// </summary>
    public (long From, long To) Rows(long from, long to) =>
        (from + (to - from) * Rank / Size, from + (to - from) * (Rank + 1) / Size);

    public bool Any(bool here) => ranks?.Any(here) ?? here;

    public double[] Sum(double[] values)
    {
        ranks?.Sum(values);
        return values;
    }

    public void Barrier() => ranks?.Barrier();

    /// <summary>Rank 0's bytes, on all ranks.</summary>
    public byte[] Share(byte[] bytes)
    {
        if (ranks is null)
            return bytes;
        using var scope = NewDisposeScope();
        var length = tensor([(long)bytes.Length]);
        ranks.Broadcast(length);
        if (length.item<long>() == 0)
            return [];
        var content = Leads ? tensor(bytes, ScalarType.Byte) : empty(length.item<long>(), ScalarType.Byte);
        ranks.Broadcast(content);
        return content.data<byte>().ToArray();
    }

    /// <summary>Rank 0's text, on all ranks.</summary>
    public string Share(string text) => Encoding.UTF8.GetString(Share(Encoding.UTF8.GetBytes(text)));

    /// <summary>Gives all ranks rank 0's network.</summary>
    public void Share(nn.Module network) => ranks?.Broadcast(network);

    /// <summary>Rank 0 does it, then the others: it may fetch what they read.</summary>
    public T OneFirst<T>(Func<T> action)
    {
        if (!Leads)
            Barrier();
        var result = action();
        if (Leads)
            Barrier();
        return result;
    }

    /// <summary>
    /// Running statistics, of which every rank has those of its own rows, as their mean: what evaluation and checkpoints use.
    /// Statistics that are the same on all ranks stay so.
    /// </summary>
    public void AverageStatistics(nn.Module network) =>
        ranks?.Average([.. network.buffers().Where(buffer => buffer.is_floating_point())]);
}
