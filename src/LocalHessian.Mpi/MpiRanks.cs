using LocalHessian.Mpi.Native;
using LocalHessian.Parallel;
using static TorchSharp.torch;

namespace LocalHessian.Mpi;

/// <summary>
/// The processes that <c>mpirun</c> or <c>srun</c> has started as one job. <see cref="MpiRun"/> makes it and hands it to the
/// program.
/// </summary>
/// <remarks>
/// <para>
/// Before each exchange the ranks compare what they are about to do, 32 bytes in a call of its own: one that has had fewer
/// batches, has ended, or has other parameters is an error on all of them at once instead of a wait without end.
/// </para>
/// <para>All calls come from the thread that <see cref="MpiRun"/> was called on. Tensors on CUDA go through the host.</para>
/// </remarks>
public sealed class MpiRanks : IRanks
{
    private readonly MpiFunctions _mpi;
    private readonly Exchange _exchange;
    private readonly int _thread = Environment.CurrentManagedThreadId;

    internal MpiRanks(MpiFunctions mpi)
    {
        (_mpi, _exchange) = (mpi, new Exchange(mpi));
        (Rank, Size, LocalRank, Library) = (mpi.Rank, mpi.Size, mpi.LocalRank, mpi.Version);
    }

    /// <inheritdoc/>
    public int Rank { get; }

    /// <inheritdoc/>
    public int Size { get; }

    /// <summary>This one's number among the ranks of its machine, from 0: the index of its GPU, for example.</summary>
    public int LocalRank { get; }

    /// <summary>The MPI that is used, in its own words.</summary>
    public string Library { get; }

    /// <inheritdoc/>
    /// <remarks>
    /// Tensors of one dtype go through one flat buffer in one call of MPI; those that already lie one behind the other in memory
    /// (<see cref="FlatGradients"/>) are summed where they are. float16 and bfloat16 are summed in float32.
    /// </remarks>
    public void Sum(IReadOnlyList<Tensor> tensors, double weight = 1)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        if (!double.IsFinite(weight)) throw new ArgumentOutOfRangeException(nameof(weight), weight, "A weight is finite.");
        Meet(Call.Sum, tensors.Sum(t => t.numel()));
        _exchange.Sum(tensors, weight);
    }

    /// <summary>Gives all ranks rank 0's parameters and buffers, once all have shown that they have the same ones.</summary>
    /// <param name="network">The same architecture on every rank, already in its dtype and on its device. Optimizers may be built
    /// before or after.</param>
    /// <exception cref="InvalidOperationException">
    /// Numbers, names, shapes or dtypes of parameters and buffers differ, or numbers of threads, on which the last bits of sums
    /// depend. Thrown on all ranks; nothing has changed.
    /// </exception>
    public void Broadcast(nn.Module network)
    {
        ArgumentNullException.ThrowIfNull(network);
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        List<(string Name, Tensor Tensor)> named =
            [.. network.named_parameters().Select(p => (p.name, (Tensor)p.parameter)), .. network.named_buffers()];
        this.ThrowUnlessAlike("parameters and buffers", [.. named.Select(Describe)]);
        this.ThrowUnlessAlike("numbers of CPU threads (set_num_threads)", [$"{get_num_threads()}"]);
        foreach (var (_, tensor) in named) Broadcast(tensor);
    }

    /// <summary>Gives all ranks what rank 0's tensor holds.</summary>
    /// <param name="tensor">Of one shape and dtype, any, on every rank; overwritten on all but rank 0.</param>
    public void Broadcast(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        Meet(Call.Broadcast, tensor.numel());
        _exchange.Broadcast(tensor);
    }

    /// <summary>Waits for all ranks.</summary>
    public void Barrier()
    {
        Meet(Call.Barrier, 0);
        _mpi.Barrier();
    }

    /// <summary>Ends the processes of all ranks with an exit code, at once and without regard for what they do.</summary>
    /// <param name="code">The exit code of the job, 1 to 255.</param>
    public void Abort(int code) => _mpi.Abort(code);

    /// <summary>Says that this rank is through, and makes sure that all are.</summary>
    internal void End()
    {
        Meet(Call.End, 0);
        _mpi.Finish();
    }

    private static string Describe((string Name, Tensor Tensor) named) =>
        $"'{named.Name}' of shape [{string.Join(", ", named.Tensor.shape)}] in {named.Tensor.dtype}";

    private void Meet(Call call, long elements)
    {
        if (Environment.CurrentManagedThreadId != _thread)
            throw new InvalidOperationException(
                $"{nameof(MpiRanks)} is used from the thread that {nameof(MpiRun)} was called on, and from no other.");
        _exchange.Compare(call, elements, Rank);
    }
}
