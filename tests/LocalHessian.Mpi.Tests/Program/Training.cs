using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Parallel;
using LocalHessian.Scaling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Mpi.Tests.Program;

/// <summary>Every optimizer and every source of scales, trained by all ranks together.</summary>
internal static class Training
{
    private const int Features = 6, Classes = 3;

    private static readonly (string Name, Func<nn.Module<Tensor, Tensor>, OptimizerHelper> Build)[] Optimizers =
    [
        ("SGD", m => optim.SGD(m.parameters(), 0.1, momentum: 0.9, weight_decay: 0.01)),
        ("AdamW", m => optim.AdamW(m.parameters(), 0.01)),
        ("LARS", m => new LARS(m.parameters(), 0.01, momentum: 0.9, weight_decay: 0.01)),
        ("LSALR", m => new LSALR(m.parameters(), 0.001, momentum: 0.9, weight_decay: 0.01)),
        .. Enum.GetValues<ScaleSource>().Select(source => (source.ToString(), Scaled(source))),
    ];

    /// <summary>
    /// Says the hash of the weights after 50 steps, uneven shards, one rank without samples now and then; a line an
    /// optimizer.
    /// </summary>
    public static void FiftySteps(MpiRanks ranks, string[] _)
    {
        foreach (var (name, build) in Optimizers)
        {
            random.manual_seed(ranks.Rank); // rank 0's weights for all
            using var model = Network(nn.BatchNorm1d(4));
            ranks.Broadcast(model);
            FlatGradients.Assign(model);
            using var optimizer = build(model);
            if (optimizer is ScaledSGD scaled) scaled.Ranks = ranks;
            for (var step = 0; step < 50; step++) Step(model, optimizer, ranks, step, rows: step % 7 == 6 && ranks.Rank > 0
                ? 0 : 3 + ranks.Rank);
            Console.WriteLine($"weights {name} {Weights.Hash([.. model.parameters()])}");
        }
    }

    /// <summary>
    /// Says how far weights are, after 20 steps with batch norm over all ranks, from those of one process with the whole
    /// batch.
    /// </summary>
    public static void AgainstOne(MpiRanks ranks, string[] _)
    {
        var some = Optimizers.Where(o => o.Name is "SGD" or "LARS" or "LSALR" or nameof(ScaleSource.ClosedForm));
        foreach (var (name, build) in some)
        {
            var together = Trained(build, ranks);
            var alone = Trained(build, null);
            var distance = together.Zip(alone, (a, b) => Math.Abs(a - b) / Math.Max(1, Math.Abs(b))).Max();
            Console.WriteLine($"distance {(distance <= 1e-12 ? "fine" : $"{distance} of {name}")}");
        }
    }

    private static double[] Trained(Func<nn.Module<Tensor, Tensor>, OptimizerHelper> build, MpiRanks? ranks)
    {
        random.manual_seed(1);
        using var model = Network(ranks is null ? nn.BatchNorm1d(4) : new SyncBatchNorm(ranks, 4));
        using var optimizer = build(model);
        if (optimizer is ScaledSGD scaled) scaled.Ranks = ranks;
        for (var step = 0; step < 20; step++)
        {
            using var scope = NewDisposeScope();
            using var generator = new Generator((ulong)step);
            var (batch, labels) =
                (randn([10, Features], ScalarType.Float64, generator: generator), randint(0, Classes, 10, generator: generator));
            // Uneven for 4 ranks, and even for 2.
            var (from, to) = ranks is null ? (0, 10) : (10 * ranks.Rank / ranks.Size, 10 * (ranks.Rank + 1) / ranks.Size);
            optimizer.zero_grad();
            nn.functional.cross_entropy(model.call(batch[from..to]), labels[from..to]).backward();
            Move(model, optimizer, ranks, to - from);
        }

        return [.. model.parameters().SelectMany(p => p.detach().reshape(-1).data<double>().ToArray())];
    }

    private static void Step(nn.Module<Tensor, Tensor> model, OptimizerHelper optimizer, MpiRanks ranks, int step, int rows)
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator((ulong)(1000 * step + ranks.Rank));
        optimizer.zero_grad();
        if (rows > 0)
        {
            var batch = randn([rows, Features], ScalarType.Float64, generator: generator);
            nn.functional.cross_entropy(model.call(batch), randint(0, Classes, rows, generator: generator)).backward();
        }

        Move(model, optimizer, ranks, rows);
    }

    // TorchSharp's own optimizers do not know of ranks: gradients are averaged for them before the step.
    private static void Move(nn.Module<Tensor, Tensor> model, OptimizerHelper optimizer, MpiRanks? ranks, int rows)
    {
        if (optimizer is ScaledSGD scaled) scaled.RankSamples = rows;
        else ranks?.AverageGradients([.. model.parameters()], rows);
        optimizer.step();
    }

    private static nn.Module<Tensor, Tensor> Network(nn.Module<Tensor, Tensor> norm) =>
        nn.Sequential(nn.Linear(Features, 4), norm, nn.ReLU(), nn.Linear(4, Classes)).to(ScalarType.Float64);

    private static Func<nn.Module<Tensor, Tensor>, OptimizerHelper> Scaled(ScaleSource source) => m => new ScaleAmendedSGD(
        m, zeros(2, Features, dtype: ScalarType.Float64), 0.01, momentum: 0.9,
        scaling: new ScalingOptions { Source = source, Measurement = new MeasurementOptions { Interval = 5 } });
}
