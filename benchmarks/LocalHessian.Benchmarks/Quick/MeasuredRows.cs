using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using TorchSharp;
using VggCifar.Model;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>
/// What measured scales and the monitor cost at their default intervals, training VGG11 at a quarter of the width on batches
/// of 128.
/// </summary>
internal static class MeasuredRows
{
    public static IEnumerable<Row> All =>
    [
        new("refresh_share", "measured scales, a refresh every 50 steps", "training time", 0.03, Refresh),
        new("monitor_share", "the monitor, a look every 500 steps", "training time", 0.03, Monitor),
    ];

    private static double Refresh()
    {
        // A network each: the forward pass itself measures, for every optimizer that is due.
        using var often = new Training();
        using var seldom = new Training();
        using var every = often.With(new MeasurementOptions { Interval = 1 });
        using var never = seldom.With(new MeasurementOptions { Interval = int.MaxValue });
        var medians = Timing.Medians(12, () => often.Step(every), () => seldom.Step(never));
        return (medians[0] - medians[1]) / MeasurementOptions.DefaultInterval / medians[1];
    }

    private static double Monitor()
    {
        using var run = new Training();
        using var optimizer = run.With(null);
        var monitor = new BlockMonitor(NetworkStructure.Find(run.Network, run.Images), new MonitorOptions { Interval = 1 });
        var medians = Timing.Medians(4, () => run.Step(optimizer, monitor), () => run.Step(optimizer));
        return (medians[0] - medians[1]) / new MonitorOptions().Interval / medians[1];
    }

    private sealed class Training : IDisposable
    {
        private readonly Tensor _labels = randint(0, 100, 128);

        public nn.Module<Tensor, Tensor> Network { get; } = Vgg.Create("vgg11", 0.25, 100);
        public Tensor Images { get; } = randn(128, 3, 32, 32);

        public ScaleAmendedSGD With(MeasurementOptions? measurement) => new(Network, Images, 1e-3, 0.9, weight_decay: 0.005,
            scaling: measurement is null ? null
                : new ScalingOptions { Source = ScaleSource.Composite, Measurement = measurement });

        public void Step(ScaleAmendedSGD optimizer, BlockMonitor? monitor = null)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            Loss(Network.call(Images)).backward();
            if (monitor is null) optimizer.step();
            else monitor.Step(optimizer, Images, Loss);
        }

        public void Dispose()
        {
            Network.Dispose();
            Images.Dispose();
            _labels.Dispose();
        }

        private Tensor Loss(Tensor output) => nn.functional.cross_entropy(output, _labels.narrow(0, 0, output.shape[0]));
    }
}
