using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Analysis;

/// <summary>Back-matching losses of a whole network, and Procedure 1.</summary>
public class PassTests
{
    public static TheoryData<NetworkCase> Networks => Cases.Networks.ChainCases;

    [Theory, MemberData(nameof(Networks))]
    public void Proposition_1_one_step_back_matching_propagation_is_a_step_of_SGD(NetworkCase item)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var network = item.Build();
        var input = item.Example();
        var start = network.parameters().Select(p => p.detach().clone()).ToList();

        using var sgd = optim.SGD(network.parameters(), 0.3);
        J(network.call(input)).backward();
        sgd.step();
        var expected = network.parameters().Select(p => p.detach().clone()).ToList();

        Set(network, start);
        var losses = BackMatchingPropagation.Step(network, input, J, rate: 0.3);

        losses.Should().HaveCount(BlockChain.Find(network, input).Count);
        foreach (var (actual, want) in network.parameters().Zip(expected)) HessianTests.ShouldBe(actual.detach(), want, 1e-13);
        network.parameters().Zip(start).Should().Contain(p => !p.First.detach().Equals(p.Second));
    }

    [Fact]
    public void A_residual_network_is_a_chain_of_its_residual_blocks_and_Proposition_1_holds_for_them()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var network = Residual();
        var input = randn(5, 3, float64);
        var start = network.parameters().Select(p => p.detach().clone()).ToList();
        J(network.call(input)).backward();
        var expected = network.parameters().Select(p => (p - 0.1 * p.grad!).detach()).ToList();

        using (var pass = BackMatchingPass.Run(network, input, J)) pass.Select(b => b.Name).Should().Equal("a", "b", "top");
        network.Invoking(n => BackMatchingPass.Run(n, input, J, ["a.in"])).Should().Throw<NotAChainException>()
            .WithMessage("*without passing through block 'a.in'*");
        Set(network, start);
        BackMatchingPropagation.Step(network, input, J, 0.1, blocks: ["a", "b", "top"]).Should().HaveCount(3);

        foreach (var (actual, want) in network.parameters().Zip(expected)) HessianTests.ShouldBe(actual.detach(), want, 1e-14);
    }

    [Fact]
    public void A_pass_gives_each_block_its_input_output_and_the_change_that_J_wants()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var network = Cases.Networks.InFloat64(Sequential(Linear(4, 6), Tanh(), Linear(6, 5), BatchNorm1d(5),
            Linear(5, 3)));
        var input = randn(7, 4, float64);
        using var pass = BackMatchingPass.Run(network, input, J);

        pass.Select(b => b.Name).Should().Equal("0", "2", "4");
        pass.TrainingLoss.Should().BeApproximately(J(network.call(input)).item<double>(), 1e-14);
        pass[0].DesiredChange!.Equals(-pass[1].ForInput().Gradient().reshape(pass[1].Input.shape)).Should().BeTrue();
        pass[1].Input.Equals(pass[0].Output).Should().BeTrue();
        pass[2].IsTrainingLoss.Should().BeTrue();

        J(network.call(input)).backward();
        foreach (var (block, layer) in pass.Zip([0, 2, 4]))
            HessianTests.ShouldBe(block.ForWeight().Gradient(), network.get_parameter($"{layer}.weight")!.grad!.reshape(-1),
                1e-14);
        network.get_parameter("0.weight")!.grad!.abs().max().item<double>().Should().BeGreaterThan(1e-4);
    }

    [Fact]
    public void Blocks_of_a_network_take_closed_forms_where_only_a_layer_and_a_norm_ran()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var network = Cases.Networks.InFloat64(new Lambda(
            (l, x) => l[4].call(functional.tanh(l[3].call(l[2].call(l[1].call(l[0].call(x)))))),
            ("a", Linear(4, 6)), ("b", Linear(6, 5)), ("norm", BatchNorm1d(5)), ("c", Linear(5, 4)), ("top", Linear(4, 2))));
        using var pass = BackMatchingPass.Run(network, randn(7, 4, float64), J);
        var roads = pass.Take(3).Select(b => b.ForInput().Method(HessianOptions.GaussNewton));

        // tanh is no module
        roads.Should().Equal(HessianMethod.ClosedForm, HessianMethod.ClosedForm, HessianMethod.Differentiation);
        foreach (var block in pass.Take(3))
        {
            var forced = HessianOptions.GaussNewton with { Method = HessianMethod.Differentiation };
            HessianTests.ShouldBe(block.ForInput().Hessian(HessianOptions.GaussNewton), block.ForInput().Hessian(forced));
            HessianTests.ShouldBe(block.ForWeight().Hessian(HessianOptions.GaussNewton), block.ForWeight().Hessian(forced));
        }
    }

    [Fact]
    public void The_last_block_has_the_Hessian_of_J_and_no_parts()
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        using var network = Cases.Networks.InFloat64(Sequential(Linear(4, 3), Tanh(), Linear(3, 2)));
        var input = randn(3, 4, float64);
        using var pass = BackMatchingPass.Run(network, input, J);
        var last = pass[^1];
        var (z, weight) = (last.Input.detach().clone().requires_grad_(), network.get_parameter("2.weight")!);
        var (h, hw) = (last.ForInput().Hessian(), last.ForWeight().Hessian());

        HessianTests.ShouldBe(h, FiniteDifferences.Hessian(() => J(((Sequential)network)[2].call(z)), [z]), 1e-7);
        HessianTests.ShouldBe(hw, FiniteDifferences.Hessian(() => J(((Sequential)network)[2].call(z)), [weight]), 1e-7);
        last.Invoking(b => b.ForInput().Hessian(HessianOptions.GaussNewton)).Should().Throw<ArgumentException>()
            .WithMessage("*training loss J*");
        last.Invoking(b => b.ForWeight().Operator(new() { Batch = BatchReduction.Mean })).Should().Throw<ArgumentException>();
    }

    [Fact]
    public void Frozen_weights_and_integer_inputs_of_a_prefix_are_no_obstacle()
    {
        using var scope = NewDisposeScope();
        manual_seed(7);
        using var network = Cases.Networks.InFloat64(Sequential(Linear(4, 3), Tanh(), Linear(3, 2), Linear(2, 2)));
        network.get_parameter("2.weight")!.requires_grad = false;
        using var pass = BackMatchingPass.Run(network, randn(3, 4, float64), J);

        network.get_parameter("2.weight")!.requires_grad.Should().BeFalse();
        HessianTests.ShouldBe(pass[1].ForWeight().Hessian(new() { Method = HessianMethod.Differentiation }), pass[1].ForWeight()
            .Hessian());
        network.get_parameter("2.weight")!.requires_grad.Should().BeFalse();
        var before = network.get_parameter("2.weight")!.clone();
        BackMatchingPropagation.Step(network, randn(3, 4, float64), J, 0.1);
        network.get_parameter("2.weight")!.Equals(before).Should().BeTrue();
    }

    internal static Tensor J(Tensor output) => (output.sin() + output.square() / 3).mean();

    private static Lambda Residual() => Cases.Networks.InFloat64(new Lambda(
        (l, x) => l[2].call(l[1].call(l[0].call(x))), ("a", Skip(3)), ("b", Skip(3)), ("top", Linear(3, 2))));

    private static Lambda Skip(int width) =>
        new((l, z) => z + l[1].call(functional.tanh(l[0].call(z))), ("in", Linear(width, width)), ("out", Linear(width, width)));

    private static void Set(Module network, List<Tensor> values)
    {
        using var noGrad = no_grad();
        foreach (var (parameter, value) in network.parameters().Zip(values)) parameter.copy_(value);
    }
}
