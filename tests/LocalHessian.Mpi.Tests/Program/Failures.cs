using System.Diagnostics;
using LocalHessian.Parallel;
using static TorchSharp.torch;

namespace LocalHessian.Mpi.Tests.Program;

/// <summary>What goes wrong on rank 1 while the others go on.</summary>
internal static class Failures
{
    public static void Throws(MpiRanks ranks, string[] _)
    {
        if (ranks.Rank == 1) throw new InvalidDataException("The data of this rank are damaged.");
        Train(ranks, steps: 1);
    }

    public static void ThrowsElsewhere(MpiRanks ranks, string[] _)
    {
        if (ranks.Rank == 1) new Thread(() => throw new InvalidDataException("The data of this thread are damaged.")).Start();
        Train(ranks, steps: int.MaxValue);
    }

    public static void CatchesAndLeaves(MpiRanks ranks, string[] _)
    {
        try
        {
            if (ranks.Rank == 1) throw new InvalidDataException("The data of this rank are damaged.");
            Train(ranks, steps: 1);
        }
        catch (InvalidDataException)
        {
            Console.WriteLine("Never mind.");
        }
    }

    public static void HasFewerBatches(MpiRanks ranks, string[] _) => Train(ranks, steps: ranks.Rank == 1 ? 3 : 4);

    public static void HasMoreNumbers(MpiRanks ranks, string[] _) => ranks.Sum(new double[ranks.Rank == 1 ? 3 : 2]);

    public static void WaitsElsewhere(MpiRanks ranks, string[] _)
    {
        if (ranks.Rank == 1) ranks.Barrier();
        else Train(ranks, steps: 1);
    }

    public static void Exits(MpiRanks ranks, string[] arguments)
    {
        if (ranks.Rank == 1) Environment.Exit(int.Parse(arguments[0], System.Globalization.CultureInfo.InvariantCulture));
        Train(ranks, steps: int.MaxValue);
    }

    public static void IsKilled(MpiRanks ranks, string[] _)
    {
        Train(ranks, steps: 2);
        if (ranks.Rank == 1) Process.GetCurrentProcess().Kill();
        Train(ranks, steps: int.MaxValue);
    }

    public static void Aborts(MpiRanks ranks, string[] _)
    {
        if (ranks.Rank == 1) ranks.Abort(7);
        Train(ranks, steps: int.MaxValue);
    }

    public static void HasAnotherNetwork(MpiRanks ranks, string[] _)
    {
        using var network = nn.Linear(3, ranks.Rank == 1 ? 4 : 5);
        ranks.Broadcast(network);
    }

    public static void HasAnotherNumberOfThreads(MpiRanks ranks, string[] _)
    {
        set_num_threads(1 + ranks.Rank);
        using var network = nn.Linear(3, 4);
        ranks.Broadcast(network);
    }

    public static void UsesAnotherThread(MpiRanks ranks, string[] _) =>
        Task.Run(() => Train(ranks, steps: 1)).GetAwaiter().GetResult();

    public static void Works(MpiRanks ranks, string[] _)
    {
        Console.WriteLine($"working on rank {ranks.Rank}");
        Train(ranks, steps: int.MaxValue);
    }

    /// <summary>The scenario whose program then returns a code of its own; rank 0 does so a step later.</summary>
    public static void returns(MpiRanks ranks, string[] _)
    {
        if (ranks.Rank == 0) Train(ranks, steps: 1);
    }

    private static void Train(MpiRanks ranks, int steps)
    {
        using var gradient = ones(1000);
        for (var i = 0; i < steps; i++) ranks.Average([gradient]);
    }
}
