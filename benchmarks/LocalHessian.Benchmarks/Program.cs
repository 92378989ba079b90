using System.Globalization;
using BenchmarkDotNet.Running;
using LocalHessian.Benchmarks;
using LocalHessian.Benchmarks.Quick;
using LocalHessian.Benchmarks.Ranks;
using static TorchSharp.torch;

// quick: every ratio of docs/performance.md in under three minutes; growth: how cost grows; ranks: what averaging over MPI's
// costs; anything else goes to BenchmarkDotNet.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
switch (args)
{
    case ["quick", .. var keys]:
        set_num_threads(Math.Min(2, Environment.ProcessorCount));
        return QuickRun.Run(keys);
    case ["growth"]:
        set_num_threads(Math.Min(2, Environment.ProcessorCount));
        Growth.Run();
        return 0;
    case ["ranks", .. var batches]:
        return RankCost.Run(batches);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(QuickRun).Assembly).Run(args);
        return 0;
}
