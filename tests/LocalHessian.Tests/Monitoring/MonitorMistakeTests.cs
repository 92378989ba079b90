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

/// <summary>Assertions for mistakes that a developer could make in examining, combining and passing on.</summary>
public class MonitorMistakeTests
{
    private static readonly MonitorOptions EachStep = new() { Interval = 1, SpectrumSteps = 0 };

    [Fact]
    public void A_block_of_several_weights_has_their_norm_their_mean_trace_and_the_geometric_mean_of_their_multipliers()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var x = randn(6, 2, 4, 4, float64);
        var structure = NetworkStructure.Find(model, x);
        var monitor = new BlockMonitor(structure, EachStep with { Probes = 300 });
        using var optimizer = new ScaleAmendedSGD(structure, new()
        {
            LearningRate = 0.01, Scaling = new()
            {
                Source = ScaleSource.Composite, Measurement = new()
                {
                    Interval = 1,
                    Bound = 1e9
                }
            },
        });
        using var pass = BackMatchingPass.Run(model, x, Loss);
        using var block = BackMatchingLoss.Of((Module<Tensor, Tensor>)model.children().Last(), pass[1].Input);
        var trace = block.ForWeight().Hessian(HessianOptions.GaussNewton with { Batch = BatchReduction.Mean })
            .trace().item<double>();
        Step(monitor, optimizer, model, x);

        var reading = monitor.Latest[1];
        Parameter[] weights = [.. model.named_parameters().Where(p => p.name.StartsWith("block", StringComparison.Ordinal)
            && p.parameter.dim() > 1).Select(p => p.parameter)];
        weights.Select(w => w.numel()).Should().Equal(9 * 9, 9); // of different sizes
        reading.GradientNorm.Should().BeApproximately(Math.Sqrt(weights.Sum(w => w.grad!.square().sum().item<double>())), 1e-12);
        reading.MeasuredScale.Should().BeApproximately(trace / weights.Sum(w => w.numel()), 0.1 * reading.MeasuredScale);
        double[] multipliers = [.. optimizer.MeasuredScales.Where(s =>
            s.Parameter is "block.wide.weight" or "block.narrow.weight")
            .Select(s => s.Multiplier)];
        reading.Multiplier.Should().BeApproximately(Math.Sqrt(multipliers[0] * multipliers[1]), 1e-12 * reading.Multiplier);
        multipliers.Average().Should().BeGreaterThan(1.001 * reading.Multiplier, "the mean would be another number");
    }

    [Fact]
    public void The_weights_norm_is_that_before_the_step_and_without_multipliers_the_multiplier_is_one()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var x = randn(6, 2, 4, 4, float64);
        var monitor = new BlockMonitor(NetworkStructure.Find(model, x), EachStep);
        using var sgd = optim.SGD(model.parameters(), 0.5);
        var before = model.named_parameters().Where(p => p.name.StartsWith("block", StringComparison.Ordinal)
            && p.parameter.dim() > 1)
            .Sum(p => p.parameter.square().sum().item<double>());

        Step(monitor, sgd, model, x);

        monitor.Latest[1].WeightNorm.Should().BeApproximately(Math.Sqrt(before), 1e-12);
        monitor.Latest.Should().OnlyContain(r => r.Multiplier == 1);
    }

    [Fact]
    public void A_step_that_moves_nothing_removes_nothing_under_the_same_masks_and_every_examination_draws_its_own_probes()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using var model = Networks.InFloat64(Sequential(Linear(5, 6), Dropout(0.5), Linear(6, 4), Dropout(0.5), Linear(4, 3)));
        model.train();
        var x = randn(8, 5, float64);
        List<IReadOnlyList<BlockReading>> first = [], second = [];
        var monitor = new BlockMonitor(NetworkStructure.Find(model, x), EachStep with { StepsBefore = 7 }, new Kept(first),
            new Kept(second));
        using var sgd = optim.SGD(model.parameters(), 0);
        for (var i = 0; i < 3; i++)
        {
            manual_seed(9); // the same masks at every step
            Step(monitor, sgd, model, x);
        }

        first.SelectMany(r => r).Should().OnlyContain(r => r.LossRemoved == 0);
        first.Select(r => r[0].Step).Should().Equal(8, 9, 10);
        first.Select(r => r[1].MeasuredInputScale).Distinct().Should().HaveCount(3);
        second.Should().BeEquivalentTo(first, "every log is written to");
    }

    [Fact]
    public void A_block_that_the_gradient_does_not_reach_has_no_multiplier()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var model = Networks.InFloat64(Sequential(Linear(4, 3), Tanh(), Linear(3, 2)));
        var x = randn(5, 4, float64);
        var structure = NetworkStructure.Find(model, x);
        var monitor = new BlockMonitor(structure, EachStep);
        using var optimizer = new ScaleAmendedSGD(structure, new() { LearningRate = 0.1 });
        Loss(model.call(x)).backward();
        foreach (var p in model.parameters().Take(2)) p.grad = null;

        monitor.Step(optimizer, x, Loss);

        monitor.Latest[0].Multiplier.Should().Be(double.NaN);
        monitor.Latest[1].Multiplier.Should().BePositive();
    }

    [Fact]
    public void Closed_scales_are_those_of_eq_24_however_small_the_weights()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var model = Networks.InFloat64(Sequential(Linear(4, 3, hasBias: false), Tanh(), Linear(3, 2, hasBias: false)));
        using (no_grad())
            foreach (var p in model.parameters()) p.mul_(1e-3);
        var squares = model.parameters().Select(p => p.square().sum().item<double>()).ToList();
        var x = randn(8, 4, float64);
        var monitor = new BlockMonitor(NetworkStructure.Find(model, x), EachStep);
        using var sgd = optim.SGD(model.parameters(), 0.1);
        Step(monitor, sgd, model, x);

        monitor.Latest[1].ClosedScale.Should().BeApproximately(2 / squares[1], 1e-12 / squares[1]);
        monitor.Latest[0].ClosedScale.Should().BeApproximately(2.0 / 3 * 3 / squares[0], 1e-12 / squares[0]); // m·m_W
        monitor.Latest[0].ClosedInputScale.Should().Be(3.0 / 4);
        monitor.Latest[1].ClosedInputScale.Should().Be(2.0 / 3);
    }

    [Fact]
    public void Targets_are_shortened_with_the_samples_and_the_network_sees_no_more_than_those()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        using var model = Networks.InFloat64(Sequential(Linear(4, 3), Linear(3, 2)));
        Tensor x = randn(8, 4, float64), y = randn(8, 2, float64);
        var seen = new List<long>();
        var monitor = new BlockMonitor(NetworkStructure.Find(model, x), EachStep with { Samples = 3 });
        using var sgd = optim.SGD(model.parameters(), 0.1);
        functional.mse_loss(model.call(x), y).backward();

        monitor.Step(sgd, x, y, (output, target) =>
        {
            seen.Add(output.shape[0]);
            return functional.mse_loss(output, target);
        });

        seen.Should().NotBeEmpty().And.OnlyContain(n => n == 3);
        monitor.Latest.Should().OnlyContain(r => double.IsFinite(r.LossRemoved));
    }

    [Fact, Trait("Category", "Culture")]
    public void Csv_keeps_every_digit_in_any_culture()
    {
        var culture = System.Globalization.CultureInfo.CurrentCulture;
        using var folder = new TemporaryFolder();
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = new("de-DE");
            new CsvBlockLog(folder.File("b.csv")).Write([new(1, "a", 1.0 / 3, 2.5, 1e-7 / 3, 4, 5, 6, 7, 8, 9,
                double.PositiveInfinity)]);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = culture;
        }

        File.ReadAllLines(folder.File("b.csv"))[1].Should()
            .Be("1,\"a\",0.3333333333333333,2.5,3.3333333333333334E-08,4,5,6,7,8,9,Infinity");
    }

    private static Tensor Loss(Tensor y) => y.square().mean();

    private static void Step(BlockMonitor monitor, optim.Optimizer optimizer, Module<Tensor, Tensor> model, Tensor x)
    {
        optimizer.zero_grad();
        Loss(model.call(x)).backward();
        monitor.Step(optimizer, x, Loss);
    }

    /// <summary>A stem and, last, a residual block of two convolutions of different size.</summary>
    private static Module<Tensor, Tensor> Model()
    {
        manual_seed(3);
        return Networks.InFloat64(Sequential(("stem", Conv2d(2, 3, 1)), ("block", new Lambda(
            (l, z) => z + l[1].call(l[0].call(z).tanh()), ("wide", Conv2d(3, 3, 3, padding: 1)), ("narrow", Conv2d(3, 3, 1))))));
    }

    private sealed class Kept(List<IReadOnlyList<BlockReading>> all) : IBlockLog
    {
        public void Write(IReadOnlyList<BlockReading> readings) => all.Add(readings);
    }
}
