using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Devices;

/// <summary>What a steady step asks the device for: nothing that waits for it, and as many operations for 9 layers as for
/// 3.</summary>
public class CountedStepTests(ITestOutputHelper output)
{
    [CountedTheory, MemberData(nameof(DeviceCases.All), MemberType = typeof(DeviceCases))]
    public void A_step_reads_and_copies_nothing_and_its_operations_do_not_grow_with_the_parameters(DeviceCase c)
    {
        var (few, many) = (Of(c, 3), Of(c, 9));
        var (launches, more) = (Operations.Launches(few), Operations.Launches(many));
        output.WriteLine($"{launches.Values.Sum()}: {string.Join(", ", launches.Select(o => $"{o.Key} {o.Value}"))}");

        Operations.Waits(few).Should().BeEmpty();
        Operations.Waits(many).Should().BeEmpty();
        many.Keys.Should().NotContain("aten::copy_"); // from another device it would wait
        more.Where(o => launches.GetValueOrDefault(o.Key) != o.Value).Should().BeEmpty();
        // A list kernel that is given a number a tensor launches once a tensor.
        more.GetValueOrDefault("aten::repeat_interleave.self_Tensor").Should().BeGreaterThan(0);
    }

    [CountedFact]
    public void What_waits_is_seen()
    {
        using var scope = NewDisposeScope();
        var there = zeros(3, device: CPU).to(Twins.Device);
        foreach (var wait in new Action[]
        {
            () => there.sum().item<float>(), () => there.Equals(there), () => there.cpu(), () => tensor(new[] { 1.0, 2 },
                ScalarType.Float64, there.device),
        }) Operations.Waits(Operations.Of(wait).Own).Should().NotBeEmpty();
        Operations.Waits(Operations.Of(() => (there + 1).mul_(there).to(ScalarType.Float64)).Own).Should().BeEmpty();
    }

    private static Dictionary<string, long> Of(DeviceCase c, int layers)
    {
        using var scope = NewDisposeScope();
        using var drawn = TestDevice.OnCpu();
        manual_seed(2);
        var modules = Enumerable.Range(0, layers - 1).SelectMany(_ => new Module<Tensor, Tensor>[] { Linear(4, 4), ReLU() })
            .Append(Linear(4, 3));
        using var network = Sequential(modules.ToArray()).to(Twins.Device);
        var x = randn([6, 4], device: CPU).to(Twins.Device);
        using var optimizer = c.Build(network, x);
        Dictionary<string, long> counted = [];
        for (var i = 0; i < 4; i++)
        {
            optimizer.zero_grad();
            network.call(x).square().mean().backward();
            // Measured scales are refreshed at the first step and the third.
            if (i == 3) counted = Operations.Of(() => optimizer.step()).Own;
            else optimizer.step();
            // else the record grows, and looking through it takes longer and longer
            if (Twins.Device.type is not DeviceType.CUDA) Operations.Evaluate();
        }

        return counted;
    }
}
