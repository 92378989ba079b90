using System.Diagnostics;
using LocalHessian.Tests.Cases;

namespace LocalHessian.Tests.Optim;

public class SoakTests
{
    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void A_hundred_thousand_steps_leave_live_tensors_constant_and_memory_flat(OptimizerCase kind)
    {
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 20_000); // the allocator's pools and the compiler's tiers have settled
        var (live, memory) = (LiveTensors.Count(), ResidentBytes());

        OptimizerCases.Train(model, optimizer, 20_000, 100_000);

        LiveTensors.Count().Should().Be(live);
        // 100 bytes a step: less than one leaked tensor of the smallest kind.
        (ResidentBytes() - memory).Should().BeLessThan(10_000_000);
    }

    private static long ResidentBytes()
    {
        using var process = Process.GetCurrentProcess();
        return process.WorkingSet64;
    }
}
