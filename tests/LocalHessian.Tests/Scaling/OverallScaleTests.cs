using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Scaling;

/// <summary>MATH §6, overall scale: one constant of the shapes.</summary>
public class OverallScaleTests
{
    public static TheoryData<NetworkCase> Chains => Networks.ChainCases;

    [Theory]
    [MemberData(nameof(Chains))]
    public void With_unit_scale_customary_weights_have_multipliers_of_one_on_geometric_average(NetworkCase network)
    {
        using var scope = NewDisposeScope();
        using var model = network.Build();
        var chain = BlockChain.Find(model, network.Example());
        var customary = chain.Select(b => 2.0 * b.Outputs).ToList();

        var scales = BackwardWalk.Run(chain, customary, options: new ScalingOptions { Overall = OverallScale.Unit });

        scales.Average(s => Math.Log(s.Multiplier)).Should().BeApproximately(0, 1e-12);
    }

    [Theory]
    [InlineData(ScaleSource.ClosedForm)]
    [InlineData(ScaleSource.Composite)]
    [InlineData(ScaleSource.BlockTrace)]
    public void Unit_scale_is_the_papers_with_the_rate_over_one_constant(ScaleSource source)
    {
        using var scope = NewDisposeScope();
        var g = Math.Exp((Math.Log(2 * 6 / 3.0) + Math.Log(2 * 3 / 3.0)) / 2); // n = 6 and 3 of 3 outputs

        var unit = Trained(new() { Source = source, Overall = OverallScale.Unit }, g * 0.01);
        var paper = Trained(new() { Source = source }, 0.01);

        foreach (var (u, p) in unit.Zip(paper)) u.Should().BeApproximately(p, 1e-13);
        Trained(new() { Source = source }, g * 0.01).Should().NotEqual(unit);
    }

    [Theory]
    [InlineData(ScaleSource.ClosedForm)]
    [InlineData(ScaleSource.Composite)]
    public void The_rate_of_what_is_trained_by_plain_SGD_is_left_alone(ScaleSource source)
    {
        using var scope = NewDisposeScope();
        var options = new ScalingOptions
        {
            Source = source, Head = HeadRule.Plain, Auxiliary = AuxiliaryRule.Plain, Overall = OverallScale.Unit,
        };
        using var model = Model();
        using var plain = Model();
        using var optimizer = new ScaleAmendedSGD(model, Input(), 0.1, scaling: options);
        using var sgd = optim.SGD(plain.parameters(), 0.1);

        Step(model, optimizer);
        Step(plain, sgd);

        var (moved, expected) = (model.state_dict(), plain.state_dict());
        foreach (var name in new[] { "0.bias", "2.weight", "2.bias" }) moved[name].Equals(expected[name]).Should().BeTrue(name);
        moved["0.weight"].Equals(expected["0.weight"]).Should().BeFalse();
    }

    [Fact]
    public void The_closed_form_cannot_be_left_to_measurements() =>
        FluentActions.Invoking(() =>
            new ScaleAmendedSGD(Model(), Input(), 0.1, scaling: new() { Overall = OverallScale.Measured }))
            .Should().Throw<ArgumentException>().WithMessage("*OverallScale.Measured*");

    private static Sequential Model()
    {
        manual_seed(1);
        return (Sequential)Networks.InFloat64(Sequential(Linear(4, 6), Tanh(), Linear(6, 3)));
    }

    private static Tensor Input() => Draws.Normal(7, [5, 4]);

    private static void Step(Module<Tensor, Tensor> model, OptimizerHelper optimizer)
    {
        optimizer.zero_grad();
        model.call(Input()).square().mean().backward();
        optimizer.step();
    }

    private static double[] Trained(ScalingOptions scaling, double rate)
    {
        using var model = Model();
        using var optimizer = new ScaleAmendedSGD(model, Input(), rate, momentum: 0.9, weight_decay: 0.1, scaling: scaling);
        for (var step = 0; step < 4; step++) Step(model, optimizer);
        return [.. model.parameters().SelectMany(p => p.detach().cpu().data<double>().ToArray())];
    }
}
