using LocalHessian.Parallel;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Parallel;

/// <summary>Ranks that are threads of this process: each adds up what all have brought, in the order of ranks.</summary>
internal sealed class ThreadRanks : IRanks
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);
    private readonly Shared _shared;

    private ThreadRanks(Shared shared, int rank) => (_shared, Rank) = (shared, rank);

    public int Rank { get; }
    public int Size => _shared.Brought.Length;

    /// <summary>How often ranks have met.</summary>
    public int Sums { get; private set; }

    /// <summary>Runs one thread a rank and returns what each gave; the first exception of any ends all.</summary>
    public static T[] Run<T>(int size, Func<ThreadRanks, T> main)
    {
        using var shared = new Shared(size);
        var results = new T[size];
        var threads = Enumerable.Range(0, size).Select(rank => new Thread(() =>
        {
            try
            {
                results[rank] = main(new ThreadRanks(shared, rank));
            }
            catch (Exception e)
            {
                shared.Fail(e);
            }
        })).ToList();
        threads.ForEach(t => t.Start());
        threads.ForEach(t => t.Join());
        return shared.Failure is null ? results : throw new RankException(shared.Failure);
    }

    public void Sum(IReadOnlyList<Tensor> tensors, double weight = 1)
    {
        Sums++;
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        _shared.Brought[Rank] = [.. tensors.Select(t => weight == 0 ? zeros_like(t) : weight == 1 ? t.clone() : t * weight)];
        _shared.Meet(Patience);
        _shared.Brought.Select(b => b.Length).Distinct().Should().HaveCount(1, "all ranks bring as many tensors");
        var sums = tensors.Select((_, i) => _shared.Brought.Select(b => b[i]).Aggregate((a, b) => a + b)).ToList();
        _shared.Meet(Patience);
        foreach (var (tensor, sum) in tensors.Zip(sums)) tensor.copy_(sum);
    }

    private sealed class Shared(int size) : IDisposable
    {
        private readonly Barrier _barrier = new(size);
        private readonly CancellationTokenSource _end = new();
        private Exception? _failure;

        public Tensor[][] Brought { get; } = new Tensor[size][];
        public Exception? Failure => _failure;

        public void Fail(Exception e)
        {
            if (e is not OperationCanceledException) Interlocked.CompareExchange(ref _failure, e, null);
            _end.Cancel();
        }

        public void Meet(TimeSpan patience)
        {
            if (!_barrier.SignalAndWait(patience, _end.Token))
                throw new TimeoutException("A rank waits for one that does not come.");
        }

        public void Dispose()
        {
            _barrier.Dispose();
            _end.Dispose();
        }
    }
}

/// <summary>A rank has failed with the inner exception.</summary>
internal sealed class RankException(Exception inner) : Exception(inner.Message, inner);
