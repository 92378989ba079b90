using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Devices;

/// <summary>How often what is more than a step reads from the device or copies to it; the numbers of docs/cuda.md.</summary>
public class WaitTests(ITestOutputHelper output)
{
    [CountedFact]
    public void Lanczos_reads_once_a_step()
    {
        using var scope = NewDisposeScope();
        using var drawn = TestDevice.OnCpu();
        manual_seed(1);
        var m = randn(80, 80, ScalarType.Float64);
        using var op = new DenseOperator((m + m.t()).to(Twins.Device));
        var process = new LanczosProcess(op, 40);
        process.Begin(randn(80, ScalarType.Float64).to(Twins.Device));
        for (var i = 0; i < 30; i++)
        {
            var waits = Operations.Waits(Operations.Of(() => process.Step(default)).Own);
            waits.Values.Sum().Should().Be(1, $"step {i}: {string.Join(", ", waits)}");
            if (Twins.Device.type is not DeviceType.CUDA) Operations.Evaluate();
        }
    }

    [CountedTheory, InlineData(ScaleSource.Composite, 4), InlineData(ScaleSource.BlockTrace, 14)]
    public void A_refresh_of_measured_scales(ScaleSource source, int most)
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(Twins.Chain);
        var network = twins.Other;
        var x = randn(6, 1, 4, 4, ScalarType.Float64, CPU).to(Twins.Device);
        using var optimizer = new ScaleAmendedSGD(network, x, 0.01, 0.9, scaling: new()
        {
            Source = source,
            Measurement = new() { Interval = 2 }
        });
        Step();
        Step();
        // the third step has a refresh
        var (refresh, between) = (Waits(), Waits()); // the third step has a refresh

        output.WriteLine($"{refresh} with a refresh, {between} without");
        (refresh - between).Should().BePositive().And.BeLessThanOrEqualTo(most);

        // The lazy device's own backward passes ask for single numbers, which CUDA's do not.
        long Waits() =>
            Operations.Waits(Operations.Of(Step).Own).Where(o => o.Key is not ("aten::item" or "aten::_to_copy"))
                .Sum(o => o.Value);

        void Step()
        {
            optimizer.zero_grad();
            network.call(x).square().mean().backward();
            optimizer.step();
            if (Twins.Device.type is not DeviceType.CUDA) Operations.Evaluate();
        }
    }

    [CountedFact]
    public void An_examination_of_the_monitor()
    {
        using var scope = NewDisposeScope();
        using var twins = Twins.Of(Twins.Plain);
        var network = twins.Other;
        var x = randn(6, 1, 4, 4, ScalarType.Float64, CPU).to(Twins.Device);
        var counts = new List<long>();
        foreach (var spectrum in new[] { 0, 10 })
        {
            var monitor = new BlockMonitor(NetworkStructure.Find(network, x), new MonitorOptions
            {
                SpectrumSteps = spectrum,
                Samples = 6
            });
            using var optimizer = optim.SGD(network.parameters(), 0.01);
            network.call(x).square().mean().backward();
            var waits = Operations.Waits(Operations.Of(() => monitor.Step(optimizer, x, y => y.square().mean())).Own);
            output.WriteLine($"{spectrum}: {waits.Values.Sum()} = {string.Join(", ", waits)}");
            counts.Add(waits.Values.Sum());
            if (Twins.Device.type is not DeviceType.CUDA) Operations.Evaluate();
        }

        const int blocks = 3;
        counts[0].Should().BeLessThanOrEqualTo(14 * blocks);
        (counts[1] - counts[0]).Should().BeLessThanOrEqualTo(blocks * (10 + 6));
    }
}
