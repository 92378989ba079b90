using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>Which parameters, in what order, and what becomes of frozen, unused, tied and repeated ones.</summary>
public class CurvatureParameterTests
{
    private static readonly CurvatureNetwork Mlp = CurvatureCases.Networks[0];

    [Fact]
    public void A_restriction_is_a_block_of_the_matrix_and_the_block_diagonal_keeps_the_blocks()
    {
        using var scope = NewDisposeScope();
        using var net = Mlp.Make(training: false);
        using var curvature = Curvature(net);
        foreach (var matrix in new Func<NetworkCurvature, CurvatureBlocks, SymmetricOperator>[]
            { (c, b) => c.Hessian(b), (c, b) => c.GaussNewton(b), (c, b) => c.Fisher(b), (c, b) => c.EmpiricalFisher(b), (c, b) =>
                c.GradientCovariance(b), (c, b) => c.MonteCarloFisher(2, 1, b) })
        {
            var whole = matrix(curvature, CurvatureBlocks.Whole).ToDense();
            using var layer = curvature.Restrict("2");
            layer.Parameters.Select(p => p.Name).Should().Equal("2.weight", "2.bias");
            Dense.Distance(matrix(layer, CurvatureBlocks.Whole).ToDense(), whole[25.., 25..]).Should().BeLessThan(1e-12);
            using var bias = curvature.Restrict("0.bias");
            Dense.Distance(matrix(bias, CurvatureBlocks.Whole).ToDense(), whole[20..25, 20..25]).Should().BeLessThan(1e-12);

            Dense.Distance(matrix(curvature, CurvatureBlocks.Layers).ToDense(), block_diag(whole[..25, ..25], whole[25.., 25..]))
                .Should().BeLessThan(1e-12);
            Dense.Distance(
                matrix(curvature, CurvatureBlocks.Parameters).ToDense(), block_diag(whole[..20, ..20], whole[20..25, 20..25],
                    whole[25..40, 25..40], whole[40.., 40..])).Should().BeLessThan(1e-12);
        }

        curvature.Invoking(c => c.Restrict("nowhere")).Should().Throw<ArgumentException>().WithMessage("*'0.weight'*");
    }

    [Fact]
    public void Parameters_are_chosen_by_name_by_module_and_by_predicate_in_the_networks_order()
    {
        using var net = Mlp.Make(training: false);
        Names(new() { Parameters = ["2", "0.bias"] }).Should().Equal("0.bias", "2.weight", "2.bias");
        Names(new() { Where = name => name.EndsWith("weight", StringComparison.Ordinal) }).Should().Equal("0.weight", "2.weight");
        Names(new() { Parameters = ["2"], Where = name => name.EndsWith("bias", StringComparison.Ordinal) }).Should()
            .Equal("2.bias");
        Names(new() { Parameters = [""] }).Should().HaveCount(4);
        using var chosen = Curvature(net, new() { Parameters = ["2"] });
        chosen.Parameters[1].Should().BeEquivalentTo(new CurvatureParameter("2.bias", [3], 15, 3));

        Refused(new() { Parameters = ["0", "0.weight"] }, "*'0.weight' is given twice*");
        Refused(new() { Parameters = ["0.weight", "0.weight"] }, "*given twice*");
        Refused(new() { Parameters = ["1"] }, "*no parameter and no module '1'*");
        Refused(new() { Where = _ => false }, "*No parameter is chosen*");

        List<string> Names(CurvatureOptions options)
        {
            using var curvature = Curvature(net, options);
            return [.. curvature.Parameters.Select(p => p.Name)];
        }

        void Refused(CurvatureOptions options, string message) =>
            ((Action)(() => Curvature(net, options))).Should().Throw<ArgumentException>().WithMessage(message);
    }

    [Fact]
    public void A_frozen_parameter_is_left_out_unless_it_is_named()
    {
        using var scope = NewDisposeScope();
        using var net = Mlp.Make(training: false);
        using var all = Curvature(net);
        var whole = all.Hessian().ToDense();
        net.get_parameter("0.weight")!.requires_grad = false;

        using var trainable = Curvature(net);
        trainable.Parameters.Select(p => p.Name).Should().Equal("0.bias", "2.weight", "2.bias");
        Dense.Distance(trainable.Hessian().ToDense(), whole[20.., 20..]).Should().BeLessThan(1e-12);
        using var named = Curvature(net, new() { Parameters = [""] });
        Dense.Distance(named.Hessian().ToDense(), whole).Should().BeLessThan(1e-12);
        net.get_parameter("0.weight")!.requires_grad.Should().BeFalse();
    }

    [Fact]
    public void An_unused_parameter_has_zero_rows_and_a_loss_that_depends_on_none_is_refused()
    {
        using var scope = NewDisposeScope();
        using var net = LocalHessian.Tests.Cases.Networks.InFloat64(new Lambda((l, x) =>
            l[0].call(x), ("used", Linear(4, 3)), ("unused", Linear(4, 2))));
        using var curvature = Curvature(net);
        foreach (var matrix in new[] { curvature.Hessian(), curvature.GaussNewton(), curvature.EmpiricalFisher() })
        {
            var dense = matrix.ToDense();
            dense[15.., ..].abs().max().item<double>().Should().Be(0);
            dense[..15, ..15].abs().max().item<double>().Should().BePositive();
        }

        curvature.Gradient()[15..].abs().max().item<double>().Should().Be(0);
        using var unused = curvature.Restrict("unused");
        unused.Invoking(c => c.Gradient()).Should().Throw<ArgumentException>().WithMessage("*does not depend*'unused.weight'*");
    }

    [Fact]
    public void A_tied_parameter_is_one_parameter_under_its_first_name()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var a = LocalHessian.Tests.Cases.Networks.InFloat64(Linear(3, 3, hasBias: false));
        using var net = new Lambda((l, x) =>
            functional.linear(l[0].call(x).tanh(), a.weight), ("encoder", a), ("decoder", new Tied(a.weight)));
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy,
            CurvatureData.Batch(randn(4, 3, float64), randint(0, 3, 4, int64)));
        curvature.Parameters.Select(p => p.Name).Should().Equal("encoder.weight");
        curvature.Hessian().ToDense().shape.Should().Equal(9, 9);

        using var byOtherName = Curvature(net, new() { Parameters = ["decoder.weight"] });
        byOtherName.Parameters.Select(p => p.Name).Should().Equal("encoder.weight");
        ((Action)(() => Curvature(net, new() { Parameters = ["encoder.weight", "decoder.weight"] })))
            .Should().Throw<ArgumentException>().WithMessage("*given twice: by 'encoder.weight' and by 'decoder.weight'*");
    }

    [Fact]
    public void A_vector_splits_into_the_parameters_shapes()
    {
        using var scope = NewDisposeScope();
        using var net = Mlp.Make(training: false);
        using var curvature = Curvature(net);
        var v = arange(43, float64);
        var parts = curvature.Split(v);
        parts.Select(p => p.shape).Should()
            .BeEquivalentTo(new long[][] { [5, 4], [5], [3, 5], [3] }, o => o.WithStrictOrdering());
        parts[1].Host<double>().Should().Equal(20, 21, 22, 23, 24);
        curvature.Invoking(c => c.Split(ones(4))).Should().Throw<ArgumentException>().WithMessage("*[43]*[4]*");
    }

    private static NetworkCurvature Curvature(Module<Tensor, Tensor> net, CurvatureOptions? options = null)
    {
        manual_seed(5);
        return new(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(randn(6, 4, float64), randint(0, 3, 6, int64)), options);
    }

    private sealed class Tied : Module<Tensor, Tensor>
    {
        private readonly Parameter _weight;

        public Tied(Parameter weight) : base(nameof(Tied))
        {
            _weight = weight;
            register_parameter("weight", weight);
        }

        public override Tensor forward(Tensor input) => functional.linear(input, _weight);
    }
}
