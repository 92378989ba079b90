using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class MeasuredRefusalTests
{
    private static readonly ScalingOptions Composite = new() { Source = ScaleSource.Composite };

    [Fact]
    public void The_closed_form_refuses_a_residual_network_and_says_what_to_use()
    {
        using var model = Architectures.Residual(before: true);
        using var input = randn(2, 2, 4, 4, float64);

        model.Invoking(m => new ScaleAmendedSGD(m, input, 0.1)).Should().Throw<NotAChainException>()
            .WithMessage("*measured scales*");
    }

    [Fact]
    public void What_cannot_be_measured_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var complex = new Lambda((l, x) => l[0].call(x), ("layer", Networks.InFloat64(Linear(4, 3))))
            .WithParameter("phase", new Parameter(zeros(2, complex128)));
        FluentActions.Invoking(() => NetworkStructure.Find(complex)).Should().Throw<ArgumentException>().WithMessage("*'phase'*");

        using var network = Networks.InFloat64(Sequential(("body", Linear(4, 4)), ("head", Linear(4, 3))));
        FluentActions.Invoking(() => NetworkStructure.Find(network, plain: ["tail"])).Should().Throw<ArgumentException>()
            .WithMessage("*'tail'*");
        FluentActions.Invoking(() => NetworkStructure.Find(network, randn(1, 4, float64), ["Conv2d"]))
            .Should().Throw<ArgumentException>().WithMessage("*'Conv2d'*");
    }

    [Fact]
    public void A_parameter_that_moves_but_was_not_measured_is_refused_by_name_unless_it_is_plain()
    {
        using var scope = NewDisposeScope();
        foreach (var plain in new[] { false, true })
        {
            using var network = Networks.InFloat64(Sequential(("body", Linear(4, 4)), ("head", Linear(4, 3))));
            using var optimizer = new ScaleAmendedSGD(
                NetworkStructure.Find(network, plain: plain ? ["head"] : null),
                new ScaleAmendedSGDOptions { LearningRate = 0.1, Scaling = Composite });
            var hidden = ((Sequential)network)[0].call(randn(5, 4, float64));
            optimizer.Refresh(hidden);
            ((Sequential)network)[1].call(hidden).sum().backward();

            if (plain) optimizer.step();
            else optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>()
                .WithMessage("*'head.weight'*plain*");
        }
    }

    [Fact]
    public void A_step_without_any_measurement_says_how_to_call_the_network()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64(Linear(4, 3));
        using var optimizer = new ScaleAmendedSGD(model, randn(1, 4, float64), 0.1, scaling: Composite);
        model.forward(randn(5, 4, float64)).sum().backward();

        optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>().WithMessage("*call(x)*");
    }

    [Fact]
    public void Blocks_are_named_by_type_or_name_and_the_rest_follows_the_default()
    {
        using var scope = NewDisposeScope();
        using var model = Architectures.Residual(before: true);
        var input = randn(2, 2, 4, 4, float64);

        NetworkStructure.Find(model, input).Blocks.Should().Equal("stem", "block1", "block2", "head");
        NetworkStructure.Find(model, input, ["ResidualBlock"]).Blocks.Should().Equal("stem", "block1", "block2", "head");
        NetworkStructure.Find(model, input, ["block2"]).Blocks.Should().Equal("stem", "block1", "block2", "head");
        FluentActions.Invoking(() => NetworkStructure.Find(model, input, ["block1", "block1.branch"]))
            .Should().Throw<ArgumentException>().WithMessage("*nested*");
    }

    [Fact]
    public void Blocks_that_a_value_bypasses_are_refused_when_asked_for_only()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64<Module<Tensor, Tensor>>(
            new Lambda((l, x) => x + l[1].call(l[0].call(x)), ("a", Linear(4, 4)), ("b", Linear(4, 4))));
        var input = randn(2, 4, float64);

        NetworkStructure.Find(model, input).WhyNoChain.Should().Contain("skip connection");
        NetworkStructure.Find(model, input).Blocks.Should().Equal("(network)");
        FluentActions.Invoking(() => NetworkStructure.Find(model, input, ["a"])).Should().Throw<NotAChainException>();
        FluentActions.Invoking(() => new ScaleAmendedSGD(NetworkStructure.Find(model),
            new ScaleAmendedSGDOptions { LearningRate = 0.1, Scaling = Composite with { Source = ScaleSource.BlockTrace } }))
            .Should().Throw<ArgumentException>().WithMessage("*chain of blocks*");
    }

    [Fact]
    public void Wrong_measurement_options_and_combinations_are_refused()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64(Linear(4, 3));
        var input = randn(1, 4, float64);
        foreach (var wrong in new MeasurementOptions[] { new() { Interval = 0 }, new() { Probes = 0 }, new() { Smoothing = 1 },
            new() { Bound = 0.5 }, new() { Bound = double.NaN } })
            model.Invoking(m => new ScaleAmendedSGD(m, input, 0.1, scaling: Composite with { Measurement = wrong }))
                .Should().Throw<ArgumentOutOfRangeException>();
        model.Invoking(m => new ScaleAmendedSGD(m, input, 0.1, scaling: new ScalingOptions { Head = HeadRule.CrossEntropy }))
            .Should().Throw<ArgumentException>();
        model.Invoking(m => new ScaleAmendedSGD(NetworkStructure.Find(m), new ScaleAmendedSGDOptions { LearningRate = 0.1 }))
            .Should().Throw<NotAChainException>().WithMessage("*example input*Composite*");
    }
}
