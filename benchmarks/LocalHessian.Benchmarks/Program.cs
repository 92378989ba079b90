using System.Globalization;
using BenchmarkDotNet.Running;
using LocalHessian.Benchmarks;
using LocalHessian.Benchmarks.Quick;
using LocalHessian.Benchmarks.Ranks;
using static TorchSharp.torch;

// quick: every ratio of docs/performance.md in under three minutes; growth: how cost grows; ranks: what averaging over MPI's
// costs; device: a step on the device; anything else goes to BenchmarkDotNet. --device NAME chooses where.
CultureInfo.CurrentCulture = CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
if (BenchmarkDevice.Choose(args) is not { } chosen) return 2;
switch (chosen)
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
    case ["device", .. var rest]:
        set_num_threads(Math.Min(2, Environment.ProcessorCount));
        return DeviceRun.Run(rest is ["--quick"]);
    default:
        BenchmarkSwitcher.FromAssembly(typeof(QuickRun).Assembly).Run(chosen);
        return 0;
}
