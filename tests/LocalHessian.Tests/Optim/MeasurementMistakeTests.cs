using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>Assertions for mistakes that a developer could make in measuring, smoothing and handing out.</summary>
public class MeasurementMistakeTests
{
    private static readonly MeasurementOptions EveryStep = new() { Interval = 1, Bound = double.PositiveInfinity };

    [Fact]
    public void Smoothing_keeps_beta_of_the_old_and_takes_the_rest_of_the_new()
    {
        using var scope = NewDisposeScope();
        using var run = new Training(EveryStep with { Smoothing = 0.75 });
        var seen = Enumerable.Range(0, 4).Select(_ => run.Step()[0]).ToList();

        seen[0].Smoothed.Should().Be(seen[0].Latest);
        for (var i = 1; i < 4; i++)
        {
            seen[i].Latest.Should().NotBe(seen[i - 1].Latest);
            seen[i].Smoothed.Should()
                .BeApproximately(0.75 * seen[i - 1].Smoothed + 0.25 * seen[i].Latest, 1e-14 * seen[i].Smoothed);
            seen[i].Multiplier.Should().BeApproximately(1 / seen[i].Smoothed, 1e-14 * seen[i].Multiplier);
        }
    }

    [Fact]
    public void The_seed_names_the_probes_and_every_refresh_draws_its_own()
    {
        using var scope = NewDisposeScope();
        var runs = new[] { 3L, 3, 4 }.Select(seed =>
        {
            using var run = new Training(EveryStep with { Seed = seed }, rate: 0);
            return Enumerable.Range(0, 3).Select(_ => run.Step()[0].Latest).ToList();
        }).ToList();

        runs[1].Should().Equal(runs[0]);
        runs[2][0].Should().NotBe(runs[0][0]);
        runs[0].Distinct().Should().HaveCount(3, "weights and data are the same at every step");
    }

    [Fact]
    public void More_probes_average_and_do_not_add_up()
    {
        using var scope = NewDisposeScope();
        double Mean(int probes, int seeds) => Enumerable.Range(0, seeds).Average(seed =>
        {
            using var run = new Training(EveryStep with { Probes = probes, Seed = seed }, rate: 0);
            return run.Step()[0].Latest;
        });

        // Both estimate one trace; 64 draws each leave it a few percent of noise.
        (Mean(16, 4) / Mean(1, 64)).Should().BeApproximately(1, 0.2);
    }

    [Fact]
    public void Other_parameters_with_gradients_get_their_own_multipliers()
    {
        using var scope = NewDisposeScope();
        using var run = new Training(EveryStep with { Interval = 100 });
        run.Step();
        var multipliers = run.Optimizer.MeasuredScales.Select(s => s.Multiplier).ToList();
        var parameters = run.Model.parameters().ToList();
        for (var skipped = 0; skipped < parameters.Count; skipped++)
        {
            foreach (var (p, i) in parameters.Select((p, i) => (p, i))) p.grad = i == skipped ? null : ones_like(p);
            var before = parameters.Select(p => p.detach().clone()).ToList();
            run.Optimizer.step();
            for (var i = 0; i < parameters.Count; i++)
            {
                var moved = (before[i] - parameters[i]).abs().max().item<double>();
                var expected = i == skipped ? 0 : Training.Rate * multipliers[i];
                moved.Should().BeApproximately(expected, 1e-9 * (1 + expected));
            }
        }
    }

    [Fact]
    public void One_overflowing_batch_does_not_spoil_the_scales()
    {
        using var scope = NewDisposeScope();
        using var run = new Training(EveryStep, linear: true);
        run.Step();
        var before = run.Step();

        run.Optimizer.NonFiniteGradients = NonFiniteGradients.Skip;
        run.Step(scale: 1e200);
        run.Optimizer.SkippedSteps.Should().Be(1);
        var after = run.Step();

        after.Should().OnlyContain(s => double.IsFinite(s.Smoothed) && double.IsFinite(s.Multiplier));
        after[0].Smoothed.Should().BeLessThan(1e3 * before[0].Smoothed);
        run.Model.parameters().Should().OnlyContain(p => p.isfinite().all().item<bool>());
    }

    [Fact]
    public void The_bound_holds_from_below_and_from_above()
    {
        using var scope = NewDisposeScope();
        using var run = new Training(EveryStep with { Bound = 2 }, linear: true);
        run.Step(scale: 100); // h of the first weight grows with the squares of the inputs
        run.Optimizer.MeasuredScales[0].Multiplier.Should().BeApproximately(run.Squares[0] / 3 / 2, 1e-12);

        using var other = new Training(EveryStep with { Bound = 2 }, linear: true);
        other.Step(scale: 1e-4);
        other.Optimizer.MeasuredScales[0].Multiplier.Should().BeApproximately(other.Squares[0] / 3 * 2, 1e-12);
    }

    [Fact]
    public void A_weight_that_several_blocks_use_is_divided_by_the_sum_over_its_uses()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var model = Networks.InFloat64<Module<Tensor, Tensor>>(new Lambda(
            (l, x) => l[1].call(functional.linear(l[0].call(x), ((Linear)l[0]).weight)), ("tied", Linear(3, 3, hasBias: false)),
            ("head", Linear(3, 2, hasBias: false))));
        var x = randn(4, 3, float64);
        var output = model.call(x);
        var weight = model.parameters().First();
        using var probe = new Probe(1, 0);
        var v = probe.Signs(output);

        using var again = new Probe(1, 0);
        var measured = CompositeMeasurement.Of(output, [weight], again).Values[0].item<double>();

        // Both uses: the derivative of the whole, not of the last.
        var gradient = autograd.grad([output], [weight], [v], retain_graph: true)[0];
        measured.Should().BeApproximately(gradient.square().sum().item<double>() / (4 * 9), 1e-12);
    }

    /// <summary>A small network in float64, one batch for all steps.</summary>
    private sealed class Training : IDisposable
    {
        public const double Rate = 1e-3;
        private readonly Tensor _input;

        public Training(MeasurementOptions measurement, double rate = Rate, bool linear = false)
        {
            manual_seed(1);
            Model = Networks.InFloat64(Sequential(Linear(4, 6), linear ? Identity() : Tanh(), Linear(6, 3)));
            _input = randn(5, 4, float64);
            Squares = Model.parameters().Select(p => p.square().sum().item<double>()).ToArray();
            Optimizer = new(Model, _input, rate, scaling: new()
            {
                Source = ScaleSource.Composite, Overall = OverallScale.Measured, Measurement = measurement,
            });
        }

        public Module<Tensor, Tensor> Model { get; }

        public ScaleAmendedSGD Optimizer { get; }

        /// <summary>‖p‖² at the start.</summary>
        public double[] Squares { get; }

        public IReadOnlyList<MeasuredScale> Step(double scale = 1)
        {
            Optimizer.zero_grad();
            Model.call(_input * scale).square().mean().backward();
            Optimizer.step();
            return Optimizer.MeasuredScales;
        }

        public void Dispose()
        {
            Optimizer.Dispose();
            Model.Dispose();
            _input.Dispose();
        }
    }
}
