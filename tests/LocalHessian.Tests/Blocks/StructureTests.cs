using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Blocks;

/// <summary>What a network's description says, number by number and word by word, and what it refuses.</summary>
public class StructureTests
{
    [Fact]
    public void A_chain_is_told_as_its_layers()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(("a", Linear(3, 4)), ("relu", ReLU()), ("b", Linear(4, 2)));

        var structure = NetworkStructure.Find(network, randn(5, 3));

        structure.Blocks.Should().Equal("a", "b");
        structure.About.Should().Contain("linear and convolution layers");
        structure.ChainError.Should().BeNull();
        structure.NameOf(0).Should().Be("(input)");
        structure.NameOf(1).Should().Be("a");
        structure.NameOf(2).Should().Be("b");
        structure.ParametersOf(1).Select(p => p.Name).Should().Equal("a.weight", "a.bias");
    }

    [Fact]
    public void What_is_no_chain_is_told_as_pieces_that_nothing_bypasses()
    {
        using var scope = NewDisposeScope();
        using var network = new Lambda((l, x) => l[2].call(l[0].call(x) + l[1].call(x)),
            ("a", Linear(3, 4)), ("b", Linear(3, 4)), ("c", Linear(4, 2)));

        var structure = NetworkStructure.Find(network, randn(5, 3));

        structure.Chain.Should().BeNull();
        structure.ChainError.Should().BeOfType<NotAChainException>();
        structure.Blocks.Should().Equal("(input)", "c");
        structure.About.Should().Contain("smallest pieces");
        structure.NameOf(0).Should().Be("(input)");
        structure.ParametersOf(0).Select(p => p.Name).Should().Equal("a.weight", "a.bias", "b.weight", "b.bias");
    }

    [Fact]
    public void A_first_block_has_the_name_of_its_only_module()
    {
        using var scope = NewDisposeScope();
        using var network = new Lambda((l, x) => l[1].call(l[0].forward(x) + x), ("a", Linear(3, 3)), ("c", Linear(3, 2)));

        var structure = NetworkStructure.Find(network, randn(5, 3));

        structure.Blocks.Should().Equal("a", "c");
        structure.NameOf(0).Should().Be("a");
    }

    [Fact]
    public void A_network_that_everything_bypasses_is_one_block()
    {
        using var scope = NewDisposeScope();
        using var network = new Lambda((l, x) => l[0].call(x) + l[1].call(x), ("a", Linear(3, 2)), ("b", Linear(3, 2)));

        var structure = NetworkStructure.Find(network, randn(5, 3));

        structure.Blocks.Should().Equal("(network)");
        structure.About.Should().Contain("one block");
    }

    [Fact]
    public void Without_an_example_there_are_parameters_and_no_blocks_and_none_can_be_named()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(("a", Linear(3, 4)));

        var structure = NetworkStructure.Find(network);

        structure.Blocks.Should().BeEmpty();
        structure.Parameters.Select(p => p.Name).Should().Equal("a.weight", "a.bias");
        structure.ChainError.Should().BeOfType<NotAChainException>().Which.Message.Should().Contain("example input");
        network.Invoking(n => NetworkStructure.Find(n, blocks: ["a"])).Should().Throw<ArgumentException>()
            .WithMessage("*example input*").Which.ParamName.Should().Be("blocks");
    }

    [Fact]
    public void A_structure_passes_only_its_own_network()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(("a", Linear(3, 4)), ("b", Linear(4, 2)));
        using var other = Sequential(("a", Linear(3, 4)), ("b", Linear(4, 2)));
        var (x, structure) = (randn(5, 3), NetworkStructure.Find(network, randn(5, 3)));

        structure.Invoking(s => s.Pass(NetworkCall.Of(other, x))).Should().Throw<ArgumentException>()
            .WithMessage("*another network*");
        NetworkStructure.Find(network).Invoking(s => s.Pass(NetworkCall.Of(network, x))).Should().Throw<NotAChainException>();
        using var pass = structure.Pass(NetworkCall.Of(network, x));
        pass.Segments.Select(s => s.Name).Should().Equal("", "a", "b");
    }

    [Fact]
    public void Another_way_through_the_network_is_refused_with_both_ways()
    {
        using var scope = NewDisposeScope();
        using var network = new Lambda((l, x) => x.shape[0] > 5 ? l[1].call(l[0].call(x)) : l[1].call(x),
            ("a", Linear(3, 3)), ("b", Linear(3, 2)));
        var structure = NetworkStructure.Find(NetworkCall.Of(network, randn(6, 3)), ["a", "b"]);

        structure.Invoking(s => s.Pass(NetworkCall.Of(network, randn(4, 3)))).Should().Throw<NotAChainException>()
            .WithMessage("*ran the blocks 'b', where 'a'*'b' were found*");
    }

    [Fact]
    public void Names_that_pick_nothing_are_refused()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(("a", Linear(3, 4)), ("b", Linear(4, 2)));
        var x = randn(5, 3);

        network.Invoking(n => NetworkStructure.Find(n, x, blocks: [])).Should().Throw<ArgumentException>()
            .WithMessage("*No block is named*");
        network.Invoking(n => NetworkStructure.Find(n, x, plain: [""])).Should().Throw<ArgumentException>();
        network.Invoking(n => NetworkStructure.Find(n, x, plain: ["c"])).Should().Throw<ArgumentException>().WithMessage("*'c'*");
        NetworkStructure.Find(network, x, plain: ["b"]).PlainParameters.Select(p => p.Name).Should().Equal("b.weight", "b.bias");
        NetworkStructure.Find(network, x, plain: ["b"]).Parameters.Select(p => p.Name).Should().Equal("a.weight", "a.bias");
    }

    [Fact]
    public void What_has_no_parameters_or_complex_ones_is_refused()
    {
        using var scope = NewDisposeScope();
        using var empty = Sequential(("relu", ReLU()));
        empty.Invoking(n => NetworkStructure.Find(n, randn(5, 3))).Should().Throw<NotAChainException>()
            .WithMessage("*no parameters*");

        using var odd = new Lambda((l, x) => l[0].call(x), ("a", Linear(3, 2)))
            .WithParameter("phase", new Parameter(zeros(2, 2, complex64)));
        odd.Invoking(n => NetworkStructure.Find(n, randn(5, 3))).Should().Throw<ArgumentException>().WithMessage("*'phase'*");
    }

    [Fact]
    public void Two_inputs_have_as_many_samples()
    {
        using var scope = NewDisposeScope();
        using var network = new Two();

        ((Action)(() => NetworkCall.Of(network, randn(4, 3), randn(5, 3)))).Should().Throw<ArgumentException>()
            .WithMessage("*4 and 5 samples*").Which.ParamName.Should().Be("second");
        var call = NetworkCall.Of(network, randn(4, 3), randn(4, 3));
        call.First(2)!.Inputs.Select(i => i.shape[0]).Should().Equal(2, 2);
        call.Twice()!.Inputs.Select(i => i.shape[0]).Should().Equal(8, 8);
        NetworkCall.Of(network, () => zeros(1)).First(2).Should().BeNull("a function's inputs are not known");
        NetworkStructure.Find(call).Blocks.Should().Equal("(input)", "c");
    }

    [Fact]
    public void A_loss_that_is_no_finite_scalar_is_refused()
    {
        using var scope = NewDisposeScope();

        foreach (var bad in new[] { double.NaN, double.PositiveInfinity })
            ((Action)(() => TrainingLoss.Of(randn(3), y => y.sum() * bad))).Should().Throw<ArgumentException>()
                .WithMessage("*NaN or infinite*");
        ((Action)(() => TrainingLoss.Of(randn(3), y => y))).Should().Throw<ArgumentException>().WithMessage("*[3]*");
        ((Action)(() => TrainingLoss.Of(randn(3), _ => null!))).Should().Throw<ArgumentException>().WithMessage("*null*");
    }

    private sealed class Two : Module<Tensor, Tensor, Tensor>
    {
        private readonly Linear _a = Linear(3, 4), _b = Linear(3, 4), _c = Linear(4, 2);

        public Two() : base(nameof(Two))
        {
            register_module("a", _a);
            register_module("b", _b);
            register_module("c", _c);
        }

        public override Tensor forward(Tensor first, Tensor second) => _c.call(_a.call(first) + _b.call(second));
    }
}
