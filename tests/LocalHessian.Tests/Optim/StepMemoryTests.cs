using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class StepMemoryTests
{
    /// <summary>Twenty bytes a step, plus what one arena of the allocator and the runtime's own growth may add.</summary>
    private const long AllowedBytes = Steps * 20;

    private const int Steps = 100_000;

    [Fact]
    [Trait("Category", "Slow")]
    public void A_hundred_thousand_steps_keep_live_tensors_constant_and_memory_flat()
    {
        using var model = Sequential(Linear(16, 16), ReLU(), Linear(16, 4));
        using var input = randn(2, 16);
        using var optimizer = new ScaleAmendedSGD(model, input, 1e-6, momentum: 0.9, weight_decay: 0.005);
        using (NewDisposeScope()) model.call(input).square().sum().backward();
        for (var i = 0; i < 20_000; i++) optimizer.step();
        var (live, bytes) = (LiveTensors.Count(), ResidentBytes());

        for (var i = 0; i < Steps; i++) optimizer.step();

        Tensor.TotalCount.Should().Be(live);
        (ResidentBytes() - bytes).Should().BeLessThan(AllowedBytes);
    }

    private static long ResidentBytes()
    {
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        GC.Collect(2, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        using var self = System.Diagnostics.Process.GetCurrentProcess();
        return self.WorkingSet64;
    }
}
