using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Blocks;

/// <summary>With which modules a block begins, where blocks are named.</summary>
public class CutTests
{
    [Fact]
    public void A_named_container_is_one_block_and_what_is_in_it_begins_none()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(("a", Linear(3, 4)), ("body", Sequential(("c", Linear(4, 4)), ("d", Linear(4, 4)))),
            ("b", Linear(4, 2)));

        NetworkStructure.Find(network, randn(5, 3), ["body"]).Blocks.Should().Equal("a", "body", "b");
        network.Invoking(n => NetworkStructure.Find(n, randn(5, 3), ["body", "body.d"])).Should().Throw<ArgumentException>()
            .WithMessage("*'body' contains block 'body.d'*");
    }

    [Fact]
    public void A_gain_of_one_dimension_begins_none()
    {
        using var scope = NewDisposeScope();
        var gain = new Parameter(ones(4));
        using var network = Sequential(("a", Linear(3, 4)), ("gain", new Lambda((_, x) => x * gain).WithParameter("gain", gain)),
            ("b", Linear(4, 2)));

        var structure = NetworkStructure.Find(network, randn(5, 3), ["b"]);

        structure.Blocks.Should().Equal("a", "b");
        structure.ParametersOf(1).Select(p => p.Name).Should().Equal("a.weight", "a.bias", "gain.gain");
    }

    [Fact]
    public void A_normalisation_begins_none_though_its_weight_be_a_matrix()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(("a", Linear(4, 4)), ("norm", LayerNorm([3, 4])), ("b", Linear(4, 2)));

        NetworkStructure.Find(network, randn(5, 3, 4), ["b"]).Blocks.Should().Equal("a", "b");
    }

    [Fact]
    public void A_normalisation_of_groups_begins_none_either()
    {
        using var scope = NewDisposeScope();
        var norm = GroupNorm(2, 4);
        init.ones_(norm.weight);
        init.zeros_(norm.bias);
        using var network = Sequential(("a", Conv2d(3, 4, 3)), ("norm", norm), ("b", Conv2d(4, 2, 3)));

        NetworkStructure.Find(network, randn(2, 3, 6, 6), ["b"]).Blocks.Should().Equal("a", "b");
    }

    [Fact]
    public void One_sample_is_enough_to_see_that_samples_mix()
    {
        using var scope = NewDisposeScope();
        using var network = new Lambda((l, x) => l[1].call(l[0].call(x).softmax(0)), ("a", Linear(3, 4)), ("b", Linear(4, 2)));

        network.Invoking(n => BlockChain.Find(n, randn(1, 3))).Should().Throw<NotAChainException>()
            .WithMessage("*'a' mixes samples*");
    }

    [Fact]
    public void Channels_may_mix_behind_the_last_layer_and_nowhere_else()
    {
        using var scope = NewDisposeScope();
        using var last = new Lambda((l, x) => l[1].call(l[0].call(x).relu()).softmax(1),
            ("a", Linear(3, 4)), ("b", Linear(4, 2)));
        using var first = new Lambda((l, x) => l[1].call(l[0].call(x).softmax(1)), ("a", Linear(3, 4)), ("b", Linear(4, 2)));
        using var maps = new Lambda((l, x) => l[1].call(l[0].call(x).cumsum(1)), ("a", Conv2d(3, 4, 3)), ("b", Conv2d(4, 2, 3)));
        using var pooled = new Lambda((l, x) => l[1].call(functional.max_pool2d(l[0].call(x), 2)),
            ("a", Conv2d(3, 4, 3)), ("b", Conv2d(4, 2, 3)));

        BlockChain.Find(last, randn(5, 3)).Should().HaveCount(2);
        BlockChain.Find(pooled, randn(2, 3, 10, 10)).Should().HaveCount(2);
        first.Invoking(n => BlockChain.Find(n, randn(5, 3))).Should().Throw<NotAChainException>()
            .WithMessage("*'a' mixes its output channels*");
        maps.Invoking(n => BlockChain.Find(n, randn(2, 3, 8, 8))).Should().Throw<NotAChainException>()
            .WithMessage("*'a' mixes its output channels*");
    }
}
