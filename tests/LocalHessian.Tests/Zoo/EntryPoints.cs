using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Optim;
using LocalHessian.Reporting;
using LocalHessian.Scaling;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Zoo;

/// <summary>The columns of docs/networks.md: each uses a network as README shows, and says what came of it.</summary>
public static class EntryPoints
{
    public static IReadOnlyList<(string Name, Func<NetworkCall, string> Try)> All { get; } =
    [
        ("closed form", call => Trained(call, ScaleSource.ClosedForm)),
        ("measured", call => Trained(call, ScaleSource.Composite)),
        ("`BackMatchingPass`", Passed),
        ("`NetworkReport`", Reported),
        ("`BlockMonitor`", Monitored),
    ];

    private static Tensor Loss(Tensor output) => output.square().mean() + output.sin().mean();

    private static string Trained(NetworkCall call, ScaleSource source) => Told(() =>
    {
        using var optimizer = Optimizer(call, source);
        for (var step = 0; step < 2; step++)
        {
            optimizer.zero_grad();
            var output = Forward(call);
            if (optimizer.RefreshDue && call.Inputs.Count != 1) optimizer.Refresh(output);
            Loss(output).backward();
            optimizer.step();
        }

        optimizer.BlockScales.Should().NotBeEmpty().And.OnlyContain(s => s.Multiplier > 0 && double.IsFinite(s.Multiplier));
        call.Network.parameters().Should().OnlyContain(p => double.IsFinite(p.detach().abs().max().to(float64).item<double>()));
        return "works";
    });

    private static ScaleAmendedSGD Optimizer(NetworkCall call, ScaleSource source) =>
        call.Network is nn.Module<Tensor, Tensor> network
        ? new(network, call.Inputs[0], 0.001, scaling: new() { Source = source })
        : source == ScaleSource.ClosedForm
            ? throw NetworkStructure.Find(call).ChainError!
            : new(NetworkStructure.Find(call),
            new ScaleAmendedSGDOptions { LearningRate = 0.001, Scaling = new() { Source = source } });

    private static string Passed(NetworkCall call) => Told(() =>
    {
        using var pass = BackMatchingPass.Run(call, Loss);
        foreach (var block in pass)
        {
            double.IsFinite(block.Value).Should().BeTrue();
            if (block.Weights.Count > 0) block.ForWeight().Gradient().isfinite().all().item<bool>().Should().BeTrue();
        }

        return $"works, {Count(pass.Count)}";
    });

    private static string Reported(NetworkCall call) => Told(() =>
    {
        var report = NetworkReport.Of(call, Loss, new() { Steps = 2, MaxBytes = 1 << 28 });
        report.Blocks.Should().NotBeEmpty();
        foreach (var h in report.Blocks.SelectMany(b => new[] { b.Input, b.Weight }).OfType<HessianSummary>())
            new[] { h.MeanEigenvalue, h.Largest, h.Rank }.Should().OnlyContain(x => double.IsFinite(x));
        report.ToString().Should().NotContain("NaN");
        var left = report.Blocks.Sum(b => (b.Input is null ? 1 : 0) + (b.Weight is null && b.WeightShapes.Count > 0 ? 1 : 0));
        return $"works, {Count(report.Blocks.Count)}{(left == 0 ? "" : $", {left} of {report.Blocks.Sum(b =>
            b.WeightShapes.Count > 0 ? 2 : 1)} Hessians named as left out")}";
    });

    private static string Monitored(NetworkCall call) => Told(() =>
    {
        var monitor = new BlockMonitor(NetworkStructure.Find(call), new MonitorOptions { SpectrumSteps = 2, Probes = 1 });
        using var sgd = optim.SGD(call.Network.parameters(), 1e-4);
        Loss(Forward(call)).backward();
        monitor.Step(sgd, call, Loss);
        monitor.Latest.Should().NotBeEmpty();
        foreach (var reading in monitor.Latest) double.IsFinite(reading.LossRemoved).Should().BeTrue($"of {reading.Block}");
        return $"works, {Count(monitor.Latest.Count)}";
    });

    private static Tensor Forward(NetworkCall call) => call.Run(call.Inputs);

    private static string Count(int blocks) => blocks == 1 ? "1 block" : $"{blocks} blocks";

    // Refusals are typed and of one sentence or a few; anything else is a crash, and ends the test.
    private static string Told(Func<string> use)
    {
        using var scope = NewDisposeScope();
        try
        {
            return use();
        }
        catch (Exception e) when (e is NotAChainException or SecondDerivativeException or ArgumentException)
        {
            return $"refused: {e.Message.Split('\n')[0].Replace(" (Parameter 'network')", "", StringComparison.Ordinal)}";
        }
    }
}
