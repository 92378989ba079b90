using System.Text.Json;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>What a step costs on the device, synchronised, medians; last, one line of JSON.</summary>
internal static class DeviceRun
{
    /// <param name="quick">Small networks and few rounds: whether it runs.</param>
    public static int Run(bool quick)
    {
        var numbers = new SortedDictionary<string, double>(StringComparer.Ordinal);
        (string Name, Func<nn.Module<Tensor, Tensor>> Build)[] networks = quick
            ? [("20 blocks", () => Weights.Linears(20, 16))]
            : [
                ("VGG13", Weights.Vgg13), ("200 blocks", () => Weights.Linears(200, 64)),
                ("1000 small", () => Weights.Linears(1000, 8))];
        foreach (var (name, build) in networks)
        {
            Steps(name, build, quick ? 3 : 40, numbers);
            using var network = build();
            using var ways = new MultiplierWays(network);
            var medians = Timing.Medians(quick ? 3 : 40, ways.Each, ways.Flat, ways.Spread, ways.Stacked);
            foreach (var (way, median) in new[] { "each", "flat", "spread", "stacked" }.Zip(medians))
                numbers[$"{name}: multiplying, {way}, ms"] = 1000 * median;
        }

        foreach (var (name, value) in numbers) Console.WriteLine($"{name}: {value:0.####}");
        Console.WriteLine(JsonSerializer.Serialize(numbers));
        return 0;
    }

    private static void Steps(
        string name, Func<nn.Module<Tensor, Tensor>> build, int rounds, SortedDictionary<string, double> numbers)
    {
        (string Name, Func<nn.Module<Tensor, Tensor>, optim.Optimizer> Create)[] all =
            [
                ("torch.optim.SGD", Weights.Sgd), ("ScaleAmendedSGD", Weights.ScaleAmended), ("LARS", Weights.Lars),
                ("LSALR", Weights.Lsalr),
            ];
        var networks = all.Select(_ => build()).ToArray();
        var optimizers = all.Zip(networks).Select(p => p.First.Create(p.Second)).ToArray();
        var medians = Timing.Medians(rounds, [.. optimizers.Select(o => (Action)(() => o.step()))]);
        foreach (var ((optimizer, _), median) in all.Zip(medians)) numbers[$"{name}: {optimizer}.step, ms"] = 1000 * median;
        foreach (var owned in networks.Concat<IDisposable>(optimizers)) owned.Dispose();
    }
}
