using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>What steps take and keep of memory.</summary>
internal static class MemoryRows
{
    private const int WarmUp = 20_000, Steps = 100_000;

    public static IEnumerable<Row> All =>
    [
        new("step_memory_vs_weights", "peak memory of ScaleAmendedSGD.step beyond the momentum, 50 million weights",
            "bytes of the weights", 0.02, Peak),
        new("growth_bytes_a_step", "memory growth over 100,000 steps after 20,000", "bytes a step", 20, () => Growth().Bytes),
        new("growth_live_tensors", "live tensors gained over the same steps", "tensors", 0, () => Growth().Tensors),
    ];

    private static double Peak()
    {
        if (!ProcessMemory.IsKnown) return double.NaN;
        using var network = Weights.Linears(2, 5000);
        using var optimizer = Weights.ScaleAmended(network);
        for (var i = 0; i < 3; i++) optimizer.step();
        return ProcessMemory.PeakOf(() => optimizer.step()) / (2.0 * 5000 * 5000 * sizeof(float));
    }

    private static (double Bytes, double Tensors) Growth()
    {
        using var network = Weights.Linears(3, 16);
        using var optimizer = Weights.ScaleAmended(network);
        for (var i = 0; i < WarmUp; i++) optimizer.step();
        var memory = ProcessMemory.IsKnown ? ProcessMemory.Now() : 0;
        var tensors = Tensor.TotalCount;
        for (var i = 0; i < Steps; i++) optimizer.step();
        var bytes = ProcessMemory.IsKnown ? (ProcessMemory.Now() - memory) / (double)Steps : double.NaN;
        return (bytes, Tensor.TotalCount - tensors);
    }
}
