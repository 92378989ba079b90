using System.Diagnostics;
using System.Globalization;
using LocalHessian.Mpi;
using LocalHessian.Parallel;
using VggCifar.Model;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Ranks;

/// <summary>
/// What averaging the gradients of VGG13 costs beside its forward and backward pass, started as
/// <c>mpirun -np 2 … LocalHessian.Benchmarks.dll ranks 32 128</c>: one call a parameter, one flat buffer, and gradients that lie
/// in one.
/// </summary>
internal static class RankCost
{
    private const int Rounds = 9;
    private const string Head =
        "| batch a rank | forward and backward, ms | a call a parameter | flat buffer | gradients in it |";

    /// <summary>One line of a table for each batch size a rank, from rank 0.</summary>
    public static int Run(IEnumerable<string> batches) => MpiRun.Run(ranks =>
    {
        set_num_threads(1);
        if (ranks.Rank == 0) Console.WriteLine($"{ranks.Size} ranks of one thread, {ranks.Library}\n{Head}");
        foreach (var batch in batches) Measure(ranks, int.Parse(batch, CultureInfo.InvariantCulture));
        return 0;
    });

    private static void Measure(MpiRanks ranks, int batch)
    {
        using var network = Vgg.Create("vgg13", 1, 100);
        using var images = randn(batch, 3, 32, 32);
        using var labels = randint(0, 100, batch);
        ranks.Broadcast(network);
        Backward(network, images, labels);
        var pass = Median(ranks, () => Backward(network, images, labels));
        Tensor[] gradients = [.. network.parameters().Select(p => p.grad!)];
        var calls = Median(ranks, () => Array.ForEach(gradients, g => ranks.Average([g])));
        var flat = Median(ranks, () => ranks.Average(gradients));
        FlatGradients.Assign(network);
        Backward(network, images, labels);
        gradients = [.. network.parameters().Select(p => p.grad!)];
        var inside = Median(ranks, () => ranks.Average(gradients));
        if (ranks.Rank == 0) Console.WriteLine($"| {batch} | {1000 * pass:f0} | {Share(calls, pass)} | {Share(flat, pass)} | "
            + $"{Share(inside, pass)} |");
    }

    private static string Share(double average, double pass) =>
        $"{1000 * average:f1} ms, {100 * average / (average + pass):f1} %";

    private static void Backward(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        foreach (var parameter in network.parameters()) parameter.grad?.zero_();
        nn.functional.cross_entropy(network.call(images), labels).backward();
    }

    // All begin at once: a wait for the slowest belongs to the pass, not to the exchange.
    private static double Median(MpiRanks ranks, Action action)
    {
        var times = new double[Rounds];
        for (var i = 0; i < Rounds; i++)
        {
            ranks.Barrier();
            var start = Stopwatch.GetTimestamp();
            action();
            times[i] = Stopwatch.GetElapsedTime(start).TotalSeconds;
        }

        Array.Sort(times);
        return times[Rounds / 2];
    }
}
