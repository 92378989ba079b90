using LocalHessian.Parallel;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Mpi.Tests.Program;

/// <summary>Sums, means and broadcasts whose results are known.</summary>
internal static class Numbers
{
    public static void Sums(MpiRanks ranks, string[] _)
    {
        var expected = ranks.Size * (ranks.Size + 1) / 2.0;
        foreach (var dtype in new[] { ScalarType.Float64, ScalarType.Float32, ScalarType.Float16, ScalarType.BFloat16 })
        {
            using var scope = NewDisposeScope();
            var strided = zeros([4, 6], dtype).t();
            Tensor[] tensors =
                [full([2, 3], ranks.Rank + 1, dtype), full([], 2 * (ranks.Rank + 1), dtype), strided, zeros([0], dtype)];
            ranks.Sum(tensors);
            Holds(tensors[0], expected);
            Holds(tensors[1], 2 * expected);
            Holds(strided, 0);
        }

        using var mixed = NewDisposeScope();
        Tensor[] two = [ones(3, ScalarType.Float32), ones(3, ScalarType.Float64), ones(2, ScalarType.Float32)];
        ranks.Sum(two, 0.5);
        foreach (var tensor in two) Holds(tensor, ranks.Size * 0.5);
        var idle = ranks.Size > 1 && ranks.Rank == ranks.Size - 1;
        using var last = full([2], idle ? double.NaN : 1, ScalarType.Float64);
        ranks.Average([last], idle ? 0 : 1 + ranks.Rank);
        Holds(last, 1);
        ranks.Sum([]);
        if (!ranks.Any(ranks.Rank == ranks.Size - 1) || ranks.Any(false)) throw new InvalidOperationException("Any is wrong.");
        Console.WriteLine($"sums are right on rank {ranks.Rank} of {ranks.Size}, local {ranks.LocalRank}; {ranks.Library}");
    }

    public static void Adjacent(MpiRanks ranks, string[] _)
    {
        using var network = nn.Sequential(nn.Linear(3, 5), nn.ReLU(), nn.Linear(5, 2));
        FlatGradients.Assign(network);
        var gradients = network.parameters().Select(p => p.grad!).ToList();
        foreach (var gradient in gradients) gradient.fill_(ranks.Rank + 1);
        ranks.Sum(gradients);
        foreach (var gradient in gradients) Holds(gradient, ranks.Size * (ranks.Size + 1) / 2.0);
        foreach (var gradient in gradients) gradient.zero_();
        using var loss = network.call(ones(4, 3)).sum();
        loss.backward();
        using var flat = network.parameters().First().grad!.as_strided([network.parameters().Sum(p => p.numel())], [1], 0);
        var kept = flat.count_nonzero().item<long>();
        if (kept < 2) throw new InvalidOperationException("A backward pass has left the flat buffer.");
        Console.WriteLine($"gradients lie side by side on rank {ranks.Rank}");
    }

    public static void Broadcasts(MpiRanks ranks, string[] _)
    {
        random.manual_seed(ranks.Rank);
        using var network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(4, 2));
        network.to(ScalarType.Float64);
        for (var i = 0; i <= ranks.Rank; i++) network.call(randn([8, 3, 3, 3], ScalarType.Float64)).Dispose();
        ranks.Broadcast(network);
        Console.WriteLine($"network {Weights.Hash(network)}");
        var tracked = network.named_buffers().Single(b => b.name.EndsWith("tracked", StringComparison.Ordinal)).buffer;
        Console.WriteLine($"batches {tracked.to(ScalarType.Float64).item<double>()}");
        using var flags = full([3], ranks.Rank == 0, ScalarType.Bool);
        ranks.Broadcast(flags);
        if (!flags.all().item<bool>()) throw new InvalidOperationException("Rank 0's flags are not here.");
        ranks.Barrier();
    }

    /// <summary>What one call cannot count is exchanged piece by piece.</summary>
    public static void Pieces(MpiRanks ranks, string[] _)
    {
        var whole = Exchange.MostElements;
        Exchange.MostElements = 5; // for the sum in numbers, for the broadcast in bytes
        try
        {
            using var scope = NewDisposeScope();
            Tensor mine = arange(13, ScalarType.Float64) + ranks.Rank, other = arange(4, ScalarType.Float32);
            ranks.Sum([mine, other], 0.5);
            if (!mine.Equals(arange(13, ScalarType.Float64) * ranks.Size / 2 + ranks.Size * (ranks.Size - 1) / 4.0)
                || !other.Equals(arange(4, ScalarType.Float32) * ranks.Size / 2))
                throw new InvalidOperationException("The pieces of a sum are wrong.");
            var sent = arange(13, ScalarType.Float64) * (ranks.Rank + 1);
            ranks.Broadcast(sent);
            if (!sent.Equals(arange(13, ScalarType.Float64)))
                throw new InvalidOperationException("The pieces of a broadcast are wrong.");
        }
        finally
        {
            Exchange.MostElements = whole;
        }
    }

    private static void Holds(Tensor tensor, double value)
    {
        using var wide = tensor.to(ScalarType.Float64);
        if (!wide.eq(value).all().item<bool>())
            throw new InvalidOperationException($"{value} is expected, not {wide.mean().item<double>()} on the mean.");
    }
}
