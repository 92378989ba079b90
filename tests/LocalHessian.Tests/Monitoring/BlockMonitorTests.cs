using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Monitoring;

public class BlockMonitorTests
{
    private sealed class Kept : IBlockLog
    {
        public List<BlockReading> All { get; } = [];

        public void Write(IReadOnlyList<BlockReading> readings) => All.AddRange(readings);
    }

    [Fact]
    public void Every_quantity_of_a_linear_chain_is_the_dense_one()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        Linear one = Networks.InFloat64(Linear(4, 3, hasBias: false)), two = Networks.InFloat64(Linear(3, 2, hasBias: false));
        using var model = Sequential(("one", one), ("two", two));
        Tensor x = randn(6, 4, float64), target = randn(6, 2, float64);
        Tensor w1 = one.weight.detach().clone(), w2 = two.weight.detach().clone();
        var kept = new Kept();
        var monitor = new BlockMonitor(NetworkStructure.Find(model, x), new MonitorOptions { Probes = 400 }, kept);
        using var optimizer = torch.optim.SGD(model.parameters(), 0.1);
        Loss(model.call(x)).backward();

        monitor.Step(optimizer, x, Loss);

        kept.All.Select(r => r.Block).Should().Equal("one", "two");
        var (first, second) = (kept.All[0], kept.All[1]);
        second.WeightNorm.Should().BeApproximately(w2.norm().item<double>(), 1e-12);
        first.GradientNorm.Should().BeApproximately(one.weight.grad!.norm().item<double>(), 1e-12);
        second.ClosedScale.Should().BeApproximately(2 / w2.square().sum().item<double>(), 1e-12);
        first.ClosedInputScale.Should().BeApproximately(3 / 4.0, 1e-12);
        second.MeasuredInputScale.Should().BeApproximately(w2.square().sum().item<double>() / 3, 0.1);
        first.MeasuredScale.Should()
            .BeApproximately(second.MeasuredInputScale * x.square().mean().item<double>(), 0.05 * first.MeasuredScale);
        // H_z repeats WᵀW for each sample, so its eigenvalues are the squared singular values.
        var singular = linalg.svdvals(w2).square().Host<double>();
        second.TopEigenvalue.Should().BeApproximately(singular[0], 1e-9);
        second.ConditionNumber.Should().BeApproximately(singular[0] / singular[1], 1e-6);
        // Δ of block two is −∂J/∂out; the step changes its output by x₁(W' − W)ᵀ.
        var change = -2 * (x.mm(w1.t()).mm(w2.t()) - target) / 12;
        var moved = x.mm(w1.t()).mm((two.weight - w2).t());
        second.LossRemoved.Should()
            .BeApproximately(1 - ((change - moved).square().sum() / change.square().sum()).item<double>(), 1e-9);
        var below = change.mm(w2);
        first.LossRemoved.Should()
            .BeApproximately(1 - ((below - x.mm((one.weight - w1).t())).square().sum() / below.square().sum()).item<double>(),
            1e-9);

        Tensor Loss(Tensor output) => functional.mse_loss(output, target);
    }

    [Fact]
    public void A_residual_network_is_watched_by_composite_blocks_and_left_without_a_trace()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using Module<Tensor, Tensor> model = Architectures.Residual(before: false), twin = Architectures.Residual(before: false);
        twin.load_state_dict(model.state_dict());
        Tensor x = randn(4, 2, 4, 4, float64), labels = arange(4) % 3;
        var kept = new Kept();
        var monitor = new BlockMonitor(NetworkStructure.Find(model, x), new MonitorOptions { Interval = 2, Samples = 3 }, kept);
        var scaling = new ScalingOptions { Source = ScaleSource.Composite, Measurement = new() { Interval = 1 } };
        using ScaleAmendedSGD watched = new(model, x, 0.05, 0.9, scaling: scaling),
            alone = new(twin, x, 0.05, 0.9, scaling: scaling);
        var count = 0L;

        for (var i = 0; i < 5; i++)
        {
            using (NewDisposeScope())
            {
                foreach (var (m, o) in new[] { (model, watched), (twin, alone) })
                {
                    o.zero_grad();
                    Loss(m.call(x)).backward();
                }

                monitor.Step(watched, x, Loss);
                alone.step();
            }

            if (i == 1) count = LiveTensors.Count();
        }

        LiveTensors.Count().Should().Be(count);
        kept.All.Select(r => r.Step).Distinct().Should().Equal(1, 3, 5);
        kept.All.Take(4).Select(r => r.Block).Should().Equal("stem", "block1", "block2", "head");
        kept.All.Should().OnlyContain(r =>
            double.IsNaN(r.ClosedScale) && r.MeasuredScale > 0 && r.TopEigenvalue > 0 && r.ConditionNumber >= 1
            && r.Multiplier > 0 && double.IsFinite(r.LossRemoved));
        foreach (var (mine, theirs) in model.state_dict().Zip(twin.state_dict()))
            mine.Value.Equals(theirs.Value).Should().BeTrue(mine.Key);

        Tensor Loss(Tensor output) => functional.cross_entropy(output, labels.narrow(0, 0, output.shape[0]));
    }

    [Fact, Trait("Category", "Culture")]
    public void A_reading_prints_in_any_culture_what_exists()
    {
        var culture = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = new("de-DE");
            new BlockReading(3, "head", double.NaN, 0.5, double.NaN, 0.25, 1, 2, 0.125, 1.5, 10, 0.75).ToString().Should().Be(
                "step 3, head: measured scale 0.5, measured input scale 0.25, multiplier 1, weight norm 2, gradient norm 0.125, "
                + "top eigenvalue 1.5, condition number 10, loss removed 0.75");
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void A_network_that_nothing_divides_is_watched_as_one_block()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64<Module<Tensor, Tensor>>(new Lambda((l, x) => x + l[0].call(x), ("a", Linear(4, 4))));

        var x = randn(2, 4, float64);
        var monitor = new BlockMonitor(model, x);
        using var sgd = optim.SGD(model.parameters(), 0.1);
        model.call(x).square().sum().backward();
        monitor.Step(sgd, x, y => y.square().sum());

        monitor.Latest.Should().ContainSingle().Which.Block.Should().Be("(network)");
        monitor.Latest[0].TopEigenvalue.Should().BeGreaterThan(0);
        FluentActions.Invoking(() => new BlockMonitor(NetworkStructure.Find(model), null)).Should().Throw<ArgumentException>()
            .WithMessage("*example input*");
    }
}
