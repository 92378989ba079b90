using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class ArgumentTests
{
    public static TheoryData<string, double> OutOfRange
    {
        get
        {
            var data = new TheoryData<string, double>();
            foreach (var name in new[] { "lr", "momentum", "weight_decay", "dampening" })
                foreach (var value in new[] { double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.1 })
                    if (name != "dampening" || !double.IsFinite(value)) data.Add(name, value);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void A_hyperparameter_out_of_range_is_refused_at_construction_in_a_group_and_at_the_step(string name, double value)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        double Of(string n) => n == name ? value : 0.01;
        var parameters = model.parameters().ToList();
        foreach (var build in new Func<ScaledSGD>[]
        {
            () => new ScaleAmendedSGD(model, OptimizerCases.Input(), Of("lr"), Of("momentum"), Of("dampening"),
                Of("weight_decay")),
            () => new LARS(parameters, Of("lr"), Of("momentum"), Of("dampening"), Of("weight_decay")),
            () => new LSALR(parameters, Of("lr"), Of("momentum"), Of("dampening"), Of("weight_decay")),
            () => new LSALR([new SGD.ParamGroup(parameters, Of("lr"), Of("momentum"), Of("dampening"), Of("weight_decay"))], 0.1),
        })
            build.Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);

        foreach (var kind in OptimizerCases.Cases)
        {
            using var optimizer = kind.Build(model);
            OptimizerCases.Backward(model, optimizer, 0);
            var options = (SGD.Options)optimizer.state_dict().Options[^1];
            var before = OptimizerCases.Values(model);
            if (name == "lr") optimizer.ParamGroups.Last().LearningRate = value; // as a scheduler does
            if (name == "momentum") options.momentum = value;
            if (name == "weight_decay") options.weight_decay = value;
            if (name == "dampening") options.dampening = value;

            optimizer.Invoking(o => o.step()).Should().Throw<ArgumentException>().Which.ParamName.Should().Be(name);

            foreach (var (a, b) in before.Zip(OptimizerCases.Values(model))) b.Should().Equal(a);
        }
    }

    [Fact]
    public void Options_taken_away_after_construction_are_refused_at_the_step()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        foreach (var spoil in new Action<SGD.Options>[] { o => o.momentum = null, o => o.dampening = null, o =>
            o.weight_decay = null, o => o.nesterov = null, o => o.maximize = null, o => o.LearningRate = null })
        {
            using var optimizer = OptimizerCases.Cases.First().Build(model);
            OptimizerCases.Backward(model, optimizer, 0);
            spoil((SGD.Options)optimizer.state_dict().Options[0]);
            optimizer.Invoking(o => o.step()).Should().Throw<ArgumentException>();
        }
    }

    [Fact]
    public void Parameters_that_are_missing_repeated_or_not_real_numbers_are_refused_and_nothing_is_added()
    {
        using var scope = NewDisposeScope();
        var weight = new Parameter(randn(3, 2));
        using var optimizer = new LSALR([weight], 0.1);
        var state = OptimizerCases.Bytes(optimizer);
        var sparse = new Parameter(eye(3).to_sparse());
        foreach (var (parameters, message) in new (Parameter[]?, string)[]
        {
            (null, "*null*"),
            ([], "*no parameters*"),
            ([null!], "*null*"),
            ([weight], "*given twice*"),
            ([new(randn(2)), new(randn(2)), weight], "*given twice*"),
            ([new(zeros(2, int64), requires_grad: false)], "*Int64*"),
            ([new(zeros(2, complex64))], "*ComplexFloat32*"),
            ([sparse], "*sparse*"),
            ([new(empty(2, device: META))], "*meta*cpu*one device*"),
        })
        {
            optimizer.Invoking(o => o.add_param_group(new SGD.ParamGroup { Parameters = parameters! }))
                .Should().Throw<ArgumentException>().WithMessage(message);
            OptimizerCases.Bytes(optimizer).Should().Equal(state);
        }

        optimizer.Invoking(o => o.add_param_group(null!)).Should().Throw<ArgumentNullException>();
        optimizer.Invoking(o => o.add_param_group(new ParamGroup<Adam.Options>([new Parameter(randn(2))], new Adam.Options())))
            .Should().Throw<ArgumentException>().WithMessage("*Adam*");
        var twice = new Parameter(randn(2));
        this.Invoking(_ => new LSALR([twice, twice], 0.1)).Should().Throw<ArgumentException>().WithMessage("*given twice*");
        this.Invoking(_ => new LARS((IEnumerable<Parameter>)null!, 0.1)).Should().Throw<ArgumentException>();
        this.Invoking(_ => new LARS((IEnumerable<SGD.ParamGroup>)null!, 0.1)).Should().Throw<ArgumentException>();
        this.Invoking(_ => new LARS(Array.Empty<SGD.ParamGroup>(), 0.1)).Should().Throw<ArgumentException>()
            .WithMessage("*no parameter groups*");
        this.Invoking(_ => new ScaleAmendedSGD(null!, new ScaleAmendedSGDOptions { LearningRate = 0.1 }))
            .Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void A_group_that_is_refused_keeps_its_options_and_one_that_is_taken_is_enumerated_once()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new LSALR([new Parameter(randn(2))], 0.1);
        var refused = new SGD.Options { LearningRate = 0.5, momentum = -1 };
        optimizer.Invoking(o => o.add_param_group(new SGD.ParamGroup
        {
            Parameters = [new Parameter(randn(2))],
            Options = refused
        })).Should().Throw<ArgumentException>();
        refused.weight_decay.Should().BeNull();

        var count = 0;
        IEnumerable<Parameter> Lazy()
        {
            count++;
            yield return new Parameter(randn(2, 2));
        }

        optimizer.add_param_group(new SGD.ParamGroup { Parameters = Lazy() });
        foreach (var p in optimizer.parameters()) p.grad = ones_like(p);
        optimizer.step();
        count.Should().Be(1);
    }

    [Fact]
    public void Parameters_of_another_network_are_refused_with_any_scales()
    {
        using var scope = NewDisposeScope();
        using Module<Tensor, Tensor> model = OptimizerCases.Network(), other = OptimizerCases.Network();
        foreach (var kind in OptimizerCases.Cases.Take(4))
        {
            using var optimizer = kind.Build(model);
            optimizer.Invoking(o => o.add_param_group(new SGD.ParamGroup { Parameters = other.parameters() }))
                .Should().Throw<ArgumentException>().WithMessage("*belongs to no block*");
        }
    }

    [Fact]
    public void Values_outside_an_enumeration_are_refused()
    {
        using var model = OptimizerCases.Network();
        var bad = new ScalingOptions[]
        {
            new() { Positions = (PositionConvention)7 }, new() { Head = (HeadRule)7 }, new() { Auxiliary = (AuxiliaryRule)(-1) },
            new() { Source = (ScaleSource)7 },
            new() { Source = ScaleSource.Composite, Overall = (OverallScale)7 },
            new() { Source = ScaleSource.Composite, Measurement = null! },
            new() { Source = ScaleSource.Composite, Measurement = new() { Probes = 0 } },
            new() { Source = ScaleSource.Composite, Measurement = new() { Interval = -1 } },
            new() { Source = ScaleSource.Composite, Measurement = new() { Smoothing = double.NaN } },
            new() { Source = ScaleSource.Composite, Measurement = new() { Bound = double.NaN } },
        };

        foreach (var scaling in bad)
            this.Invoking(_ => new ScaleAmendedSGD(model, OptimizerCases.Input(), 0.1, scaling: scaling))
                .Should().Throw<ArgumentException>();
        this.Invoking(_ => new LARS(model.parameters(), 0.1, form: (LarsForm)7)).Should().Throw<ArgumentException>();
        foreach (var epsilon in new[] { -1, double.NaN, double.PositiveInfinity })
            this.Invoking(_ => new LARS(model.parameters(), 0.1, epsilon: epsilon)).Should().Throw<ArgumentException>()
                .WithParameterName("epsilon");
        using var optimizer = new LSALR(model.parameters(), 0.1);
        optimizer.Invoking(o => o.NonFiniteGradients = (NonFiniteGradients)7).Should().Throw<ArgumentException>();
        optimizer.Invoking(o => o.Momentum = double.NaN).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Gradients_and_momenta_of_another_shape_or_dtype_and_sparse_ones_are_named_before_anything_moves()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        var bias = model.parameters().Last();
        var buffer = ((SGDState)optimizer.state_dict().State[^1]).momentum_buffer;
        var before = OptimizerCases.Values(model);

        foreach (var wrong in new[] { ones(2, float64), ones(1, 3, float64), ones(3, float32), ones(3, float64).to_sparse() })
        {
            bias.grad = wrong;
            Refused("*gradient*'4.bias'*");
        }

        bias.grad = ones(3, float64);
        foreach (var wrong in new[] { ones(2, float64), ones(3, float32) })
        {
            ((SGDState)optimizer.state_dict().State[^1]).momentum_buffer = wrong;
            Refused("*momentum*'4.bias'*");
        }

        ((SGDState)optimizer.state_dict().State[^1]).momentum_buffer = buffer;
        optimizer.step();

        void Refused(string message)
        {
            optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>().WithMessage(message);
            foreach (var (a, b) in before.Zip(OptimizerCases.Values(model))) b.Should().Equal(a);
        }
    }

    [Fact]
    public void A_group_changed_behind_the_optimizers_back_is_refused_at_the_step()
    {
        using var scope = NewDisposeScope();
        using var optimizer = new LSALR([new Parameter(randn(2))], 0.1);
        var group = new SGD.ParamGroup { Parameters = [new Parameter(randn(2))] };
        optimizer.add_param_group(group);
        optimizer.Invoking(o => o.add_param_group(group)).Should().Throw<ArgumentException>().WithMessage("*twice*");

        var own = group.Parameters;
        group.Parameters = [new Parameter(randn(2)) { grad = ones(2) }];
        optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>().WithMessage("*past add_param_group*");
        group.Parameters = own;
        ((ParamGroup)group).Options = new Adam.Options();
        optimizer.Invoking(o => o.step()).Should().Throw<InvalidOperationException>().WithMessage("*options*replaced*");
    }
}
