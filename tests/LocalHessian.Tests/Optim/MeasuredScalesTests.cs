using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class MeasuredScalesTests
{
    private static readonly ScalingOptions Composite = new() { Source = ScaleSource.Composite };

    public static TheoryData<ArchitectureCase, ScaleSource> Kinds
    {
        get
        {
            var data = new TheoryData<ArchitectureCase, ScaleSource>();
            foreach (var c in Architectures.All)
            {
                data.Add(c, ScaleSource.Composite);
                // Attention's fused kernel and the LSTM's have no second derivative to take a Rayleigh quotient with.
                if (c.IsBlockChain) data.Add(c, ScaleSource.BlockTrace);
                if (c.Name.StartsWith("residual", StringComparison.Ordinal)) data.Add(c, ScaleSource.BlockRayleigh);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_architecture_trains_and_every_parameter_moves(ArchitectureCase architecture, ScaleSource source)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = architecture.Build();
        var input = architecture.Input();
        var before = model.named_parameters().ToDictionary(p => p.name, p => p.parameter.detach().clone());
        using var optimizer = new ScaleAmendedSGD(model, input, lr: 0.01, momentum: 0.9, scaling: new ScalingOptions
        {
            Source = source, Measurement = new MeasurementOptions { Interval = 2 },
        });

        for (var i = 0; i < 5; i++) Step(model, optimizer, input);

        foreach (var (name, parameter) in model.named_parameters())
        {
            parameter.isfinite().all().item<bool>().Should().BeTrue(name);
            if (parameter.grad!.abs().max().item<double>() > 1e-12) parameter.Equals(before[name]).Should().BeFalse(name);
        }

        optimizer.MeasuredScales.Should()
            .HaveCount(model.parameters().Count()).And.OnlyContain(f => f.Multiplier > 0 && double.IsFinite(f.Multiplier));
    }

    [Fact]
    public void A_refresh_comes_every_k_steps_and_needs_no_forward_pass_of_its_own()
    {
        using var scope = NewDisposeScope();
        var calls = 0;
        using var model = Networks.InFloat64<Module<Tensor, Tensor>>(new Lambda((l, x) =>
        {
            calls++;
            return l[0].call(x);
        }, ("layer", Sequential(Linear(4, 5), Tanh(), Linear(5, 3)))));
        using var optimizer = new ScaleAmendedSGD(model, randn(2, 4, float64), 0.01,
            scaling: Composite with { Measurement = new() { Interval = 3 } });
        calls = 0;
        var latest = new List<double>();

        for (var i = 0; i < 7; i++)
        {
            optimizer.RefreshDue.Should().Be(i % 3 == 0);
            Step(model, optimizer, randn(6, 4, float64));
            latest.Add(optimizer.MeasuredScales[0].Latest);
        }

        calls.Should().Be(7);
        latest.Distinct().Should().HaveCount(3);
        (latest[0] == latest[2] && latest[3] == latest[5]).Should().BeTrue();
    }

    [Fact]
    public void Measuring_leaves_gradients_statistics_and_the_global_random_state_alone()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using Module<Tensor, Tensor> model = Architectures.Residual(before: false), twin = Architectures.Residual(before: false);
        twin.load_state_dict(model.state_dict());
        var input = randn(3, 2, 4, 4, float64);
        using var optimizer = new ScaleAmendedSGD(model, input, 0.1, scaling: Composite);
        var state = torch.random.get_rng_state();

        foreach (var m in new[] { model, twin }) m.call(input).square().sum().backward();

        optimizer.RefreshDue.Should().BeFalse("this pass has been measured");
        torch.random.get_rng_state().Equals(state).Should().BeTrue();
        foreach (var (mine, theirs) in model.named_parameters().Zip(twin.named_parameters()))
            mine.parameter.grad!.Equals(theirs.parameter.grad!).Should().BeTrue(mine.name);
        foreach (var (mine, theirs) in model.named_buffers().Zip(twin.named_buffers()))
            mine.buffer.Equals(theirs.buffer).Should().BeTrue(mine.name);
        optimizer.step();
        optimizer.MeasuredScales.Should().NotBeEmpty();
    }

    [Fact]
    public void Evaluation_and_ungraded_passes_are_not_measured_and_a_disposed_optimizer_leaves_no_hook()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64(Linear(4, 3));
        var optimizer = new ScaleAmendedSGD(model, randn(2, 4, float64), 0.1, scaling: Composite);
        using (no_grad()) model.call(randn(2, 4, float64));
        model.eval();
        model.call(randn(2, 4, float64));
        optimizer.MeasuredScales.Should().BeEmpty();

        model.train();
        optimizer.Dispose();
        model.call(randn(2, 4, float64));
        optimizer.MeasuredScales.Should().BeEmpty();
    }

    [Theory]
    [InlineData(ScaleSource.Composite)]
    [InlineData(ScaleSource.BlockTrace)]
    [InlineData(ScaleSource.BlockRayleigh)]
    public void Live_tensors_stay_constant(ScaleSource source)
    {
        using var model = Architectures.Residual(before: false);
        using var input = randn(3, 2, 4, 4, float64);
        using var optimizer = new ScaleAmendedSGD(model, input, 0.01, 0.9,
            scaling: new ScalingOptions { Source = source, Measurement = new() { Interval = 2 } });
        for (var i = 0; i < 3; i++) Step(model, optimizer, input);
        var before = LiveTensors.Count();

        for (var i = 0; i < 8; i++) Step(model, optimizer, input);

        LiveTensors.Count().Should().Be(before);
    }

    [Fact]
    public void Twice_the_initial_weights_give_twice_the_weights_bit_for_bit()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var weights = new List<Tensor[]>();
        using var first = Build();
        foreach (var power in new[] { 0, 3 })
        {
            using var model = Build();
            model.load_state_dict(first.state_dict());
            using (no_grad()) foreach (var p in model.parameters()) if (p.dim() == 4) p.mul_(1 << power);
            manual_seed(4);
            using var optimizer = new ScaleAmendedSGD(model, randn(4, 2, 6, 6, float64), 0.1, 0.9,
                scaling: Composite with { Measurement = new() { Interval = 2 } });
            for (var i = 0; i < 6; i++) Step(model, optimizer, randn(4, 2, 6, 6, float64));
            weights.Add(model.parameters().Select(p => p.detach().clone() / (p.dim() == 4 ? 1 << power : 1)).ToArray());
        }

        foreach (var (one, eight) in weights[0].Zip(weights[1])) one.Equals(eight).Should().BeTrue();

        static Module<Tensor, Tensor> Build() => Networks.InFloat64(Sequential(
            Conv2d(2, 3, 3, bias: false), BatchNorm2d(3, eps: 0, affine: false), ReLU(), Conv2d(3, 4, 3, bias: false),
            BatchNorm2d(4, eps: 0, affine: false),
            Flatten(), Linear(16, 3, hasBias: false)));
    }

    [Fact]
    public void A_run_goes_on_from_its_state_as_if_it_had_never_stopped()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using Module<Tensor, Tensor> model = Architectures.Residual(before: true), twin = Architectures.Residual(before: true);
        var input = randn(3, 2, 4, 4, float64);
        var scaling = Composite with { Measurement = new() { Interval = 3 } };
        using ScaleAmendedSGD one = new(model, input, 0.05, scaling: scaling), two = new(twin, input, 0.05, scaling: scaling);
        for (var i = 0; i < 5; i++) Step(model, one, input);
        twin.load_state_dict(model.state_dict());
        StateFileTests.Load(two, OptimizerCases.Bytes(one));

        for (var i = 0; i < 5; i++)
        {
            Step(model, one, input);
            Step(twin, two, input);
        }

        foreach (var (mine, theirs) in model.parameters().Zip(twin.parameters())) mine.Equals(theirs).Should().BeTrue();
        two.MeasuredScales.Should().Equal(one.MeasuredScales);
    }

    [Fact]
    public void A_bias_before_batch_norm_to_which_the_output_is_blind_stays_within_bounds()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64(Sequential(Linear(4, 6), BatchNorm1d(6), ReLU(), Linear(6, 3)));
        using var optimizer = new ScaleAmendedSGD(model, randn(5, 4, float64), 0.1, weight_decay: 0.01, scaling: Composite);

        Step(model, optimizer, randn(5, 4, float64));

        var bias = optimizer.MeasuredScales.Single(f => f.Parameter == "0.bias");
        bias.Smoothed.Should().BeLessThan(1e-20);
        bias.Multiplier.Should().BeApproximately(6 / 3.0 * MeasurementOptions.DefaultBound, 1e-12);
    }

    [Fact]
    public void The_closed_form_stands_beside_the_measurement_where_it_holds()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.Vgg(Networks.VggWidths[0], 16);
        using var optimizer = new ScaleAmendedSGD(model, randn(2, 3, 32, 32, float64), 0.1, scaling: Composite);
        var squares = model.parameters().Select(p => p.square().sum().item<double>()).ToList();

        Step(model, optimizer, randn(8, 3, 32, 32, float64));

        optimizer.MeasuredScales.Zip(squares).Should()
            .OnlyContain(p => Math.Abs(p.First.ClosedForm / (10 / p.Second) - 1) < 1e-12);
        // From the start the two agree within the factor of five that MATH §7 reports.
        optimizer.MeasuredScales.Should().OnlyContain(f => f.Latest / f.ClosedForm > 0.1 && f.Latest / f.ClosedForm < 10);
    }

    [Fact]
    public void A_network_that_takes_several_tensors_is_measured_on_request()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64(Bilinear(3, 4, 2));
        var blocks = NetworkStructure.Find(model);
        using var optimizer = new ScaleAmendedSGD(blocks, new ScaleAmendedSGDOptions { LearningRate = 0.1, Scaling = Composite });
        var output = model.call(randn(5, 3, float64), randn(5, 4, float64));

        optimizer.RefreshDue.Should().BeTrue();
        optimizer.Refresh(output);
        output.square().sum().backward();
        optimizer.step();

        optimizer.BlockScales.Should().ContainSingle().Which.Multiplier.Should().BePositive();
    }

    private static void Step(Module<Tensor, Tensor> model, ScaleAmendedSGD optimizer, Tensor input)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        var output = model.call(input);
        functional.cross_entropy(output, arange(output.shape[0]) % 3).backward();
        optimizer.step();
    }
}
