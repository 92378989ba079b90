using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class ChainOptimizerTests
{
    [Fact]
    public void A_frozen_block_does_not_move_but_multiplies()
    {
        using var scope = NewDisposeScope();
        using var model = Mlp();
        var weights = Weights(model);
        weights[1].requires_grad = false;
        var before = weights[1].detach().clone();
        using var optimizer = new ScaleAmendedSGD(model, randn(1, 4, float64), lr: 0.1);

        Backward(model);
        optimizer.step();

        weights[1].Equals(before).Should().BeTrue();
        optimizer.BlockScales.Should().OnlyContain(f => f.Reached);
        optimizer.BlockScales[0].BackwardFactor.Should().BeApproximately(2 / 6.0, 1e-15);
    }

    [Fact]
    public void A_block_without_a_gradient_neither_moves_nor_multiplies()
    {
        using var scope = NewDisposeScope();
        using var model = Mlp();
        using var optimizer = new ScaleAmendedSGD(model, randn(1, 4, float64), lr: 0.1);
        var hidden = ((Sequential)model)[0].call(randn(3, 4, float64));
        ((Sequential)model)[1].call(hidden).sum().backward(); // the loss is taken before the head

        optimizer.step();

        optimizer.BlockScales.Select(f => f.Reached).Should().Equal(true, true, false);
        optimizer.BlockScales[1].BackwardFactor.Should().Be(1);
        optimizer.BlockScales[0].BackwardFactor.Should().BeApproximately(5 / 6.0, 1e-15);
    }

    [Fact]
    public void Several_groups_form_one_chain_and_keep_their_own_options()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using Module<Tensor, Tensor> model = Mlp(), twin = Mlp();
        twin.load_state_dict(model.state_dict());
        var options = new ScaleAmendedSGDOptions { LearningRate = 0.1 };
        using var one = new ScaleAmendedSGD(NetworkStructure.Find(model, randn(1, 4, float64)), options);
        using var two = new ScaleAmendedSGD(NetworkStructure.Find(twin, randn(1, 4, float64)), options, [
            new SGD.ParamGroup { Parameters = Weights(twin).Skip(1) },
            new SGD.ParamGroup { Parameters = Weights(twin).Take(1), Options = new SGD.Options { LearningRate = 0.2 } }]);
        var first = Weights(model)[0].detach().clone();
        var x = randn(3, 4, float64);
        foreach (var m in new[] { model, twin }) m.call(x).square().sum().backward();

        one.step();
        two.step();

        (Weights(model)[1] - Weights(twin)[1]).abs().max().item<double>().Should().BeLessThan(1e-15);
        ((Weights(twin)[0] - first) - 2 * (Weights(model)[0] - first)).abs().max().item<double>().Should().BeLessThan(1e-14);
        two.BlockScales.Select(f => f.Multiplier).Should().Equal(one.BlockScales.Select(f => f.Multiplier));
    }

    [Fact]
    public void Biases_are_divided_by_the_backward_factor_times_the_sharing()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var model = Networks.InFloat64(Sequential(Conv2d(2, 3, 3, padding: 1), Flatten(), Linear(48, 5)));
        var bias = ((Conv2d)((Sequential)model)[0]).bias!;
        var before = bias.detach().clone();
        using var optimizer = new ScaleAmendedSGD(model, randn(1, 2, 4, 4, float64), lr: 1);
        model.call(randn(3, 2, 4, 4, float64)).sum().backward();

        optimizer.step();

        // m = 5/48 above the convolution, s = 16 positions
        (bias - (before - bias.grad! / (5 / 48.0 * 16))).abs().max().item<double>().Should().BeLessThan(1e-12);
    }

    [Fact]
    public void The_plain_rules_leave_head_and_biases_alone()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        using var model = Networks.InFloat64(Sequential(Linear(4, 6), ReLU(), Linear(6, 2)));
        var parameters = model.named_parameters().ToDictionary(p => p.name, p => p.parameter);
        var before = parameters.ToDictionary(p => p.Key, p => p.Value.detach().clone());
        using var optimizer = new ScaleAmendedSGD(
            model, randn(1, 4, float64), lr: 0.5,
                scaling: new ScalingOptions { Head = HeadRule.Plain, Auxiliary = AuxiliaryRule.Plain });
        model.call(randn(3, 4, float64)).square().sum().backward();

        optimizer.step();

        foreach (var name in new[] { "0.bias", "2.bias", "2.weight" })
            parameters[name].Equals(before[name] - 0.5 * parameters[name].grad!).Should().BeTrue(name);
        optimizer.BlockScales[1].Multiplier.Should().Be(1);
    }

    [Fact]
    public void Parameters_of_another_network_are_refused_by_shape()
    {
        using var scope = NewDisposeScope();
        using Module<Tensor, Tensor> model = Mlp(), other = Mlp();
        var network = NetworkStructure.Find(model, randn(1, 4, float64));
        var options = new ScaleAmendedSGDOptions { LearningRate = 0.1 };

        network.Invoking(n => new ScaleAmendedSGD(n, options, [new SGD.ParamGroup { Parameters = Weights(other) }]))
            .Should().Throw<ArgumentException>().WithMessage("*belongs to no block of the chain*");
    }

    [Fact]
    public void There_are_no_scales_before_the_first_step()
    {
        using var scope = NewDisposeScope();
        using var model = Mlp();
        using var optimizer = new ScaleAmendedSGD(model, randn(1, 4, float64), lr: 0.1);

        optimizer.BlockScales.Should().BeEmpty();
    }

    [Fact]
    public void LARS_and_LSALR_follow_their_formulas_and_spare_biases()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        foreach (var (build, factor) in Layerwise())
        {
            using var model = Networks.InFloat64(Linear(4, 3));
            Tensor w = model.weight.detach().clone(), b = model.bias!.detach().clone();
            using var optimizer = build(model.parameters());
            model.call(randn(3, 4, float64)).square().sum().backward();
            Tensor g = model.weight.grad!, gb = model.bias!.grad!;
            var a = factor(w.norm().item<double>(), g.norm().item<double>());

            optimizer.step();

            (model.weight - (w - 0.1 * a * (g + 0.01 * w))).abs().max().item<double>().Should()
                .BeLessThan(1e-14 * Math.Max(1, a));
            (model.bias! - (b - 0.1 * (gb + 0.01 * b))).abs().max().item<double>().Should().BeLessThan(1e-14);
        }
    }

    private static IEnumerable<(Func<IEnumerable<Parameter>, ScaledSGD>, Func<double, double, double>)> Layerwise() =>
    [
        (p => new LARS(p, 0.1, weight_decay: 0.01), (w, g) => w / g),
        (p => new LARS(p, 0.1, weight_decay: 0.01, trustCoefficient: 0.5), (w, g) => 0.5 * w / g),
        (p => new LARS(p, 0.1, weight_decay: 0.01, form: LarsForm.You), (w, g) => 1e-3 * w / (g + 0.01 * w)),
        (p => new LARS(p, 0.1, weight_decay: 0.01, epsilon: 2), (w, g) => w / (g + 2)),
        (p => new LARS(p, 0.1, weight_decay: 0.01, form: LarsForm.You, trustCoefficient: 1, epsilon: 2),
            (w, g) => w / (g + 0.01 * w + 2)),
        (p => new LARS(p, 0.1, weight_decay: 0.01, clip: true, trustCoefficient: 10), (w, g) => Math.Min(10 * w / g / 0.1, 1)),
        (p => new LARS(p, 0.1, weight_decay: 0.01, clip: true, trustCoefficient: 1e-3),
            (w, g) => Math.Min(1e-3 * w / g / 0.1, 1)),
        (p => new LSALR(p, 0.1, weight_decay: 0.01), (_, g) => 1 + Math.Log(1 + 1 / g)),
    ];

    [Fact]
    public void Zero_norms_give_the_multiplier_one()
    {
        using var scope = NewDisposeScope();
        foreach (var (build, _) in Layerwise())
        {
            using var model = Networks.InFloat64(Linear(4, 3, hasBias: false));
            using var optimizer = build(model.parameters());
            using (no_grad()) model.weight.zero_();
            model.weight.grad = zeros_like(model.weight);
            optimizer.step();
            model.weight.count_nonzero().item<long>().Should().Be(0);

            model.weight.grad = ones_like(model.weight);
            optimizer.step();
            if (optimizer is LARS) model.weight.Equals(full_like(model.weight, -0.1)).Should().BeTrue("rate 0.1, multiplier one");
        }
    }

    private static Module<Tensor, Tensor> Mlp() =>
        Networks.InFloat64(Sequential(Linear(4, 6, hasBias: false), Linear(6, 5, hasBias: false), Linear(5, 2, hasBias: false)));

    private static List<Parameter> Weights(Module model) => [.. model.parameters()];

    private static void Backward(Module<Tensor, Tensor> model) => model.call(randn(3, 4, float64)).square().sum().backward();
}
