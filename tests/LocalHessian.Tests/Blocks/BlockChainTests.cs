using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Blocks;

public class BlockChainTests
{
    [Fact]
    public void Shapes_are_those_seen_in_the_forward_pass()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(
            ("conv", Conv2d(4, 8, 3, stride: 2, padding: 1, groups: 2)), ("relu", ReLU()), ("pool", MaxPool2d(2)),
            ("up", ConvTranspose2d(8, 6, 2, stride: 2, bias: false)), ("flatten", Flatten()), ("head", Linear(384, 5)));

        var chain = BlockChain.Find(model, zeros(3, 4, 16, 16));

        chain.Select(b => b.Name).Should().Equal("conv", "up", "head");
        chain.Select(b => b.Kind).Should().Equal(BlockKind.Convolution, BlockKind.TransposedConvolution, BlockKind.Linear);
        chain.Select(b => (b.Inputs, b.Outputs)).Should().Equal((4, 8), (8, 6), (384, 5));
        chain[0].InputShape.Should().Equal(3, 4, 16, 16);
        chain[0].LayerOutputShape.Should().Equal(3, 8, 8, 8);
        chain[0].OutputShape.Should().Equal(3, 8, 4, 4);
        chain.Select(b => (b.InputPositions, b.LayerOutputPositions, b.OutputPositions)).Should()
            .Equal((256, 64, 16), (16, 64, 64), (1, 1, 1));
        chain[0].Auxiliary.Select(p => p.Name).Should().Equal("conv.bias");
        chain.OutputFeatures.Should().Be(5);
    }

    [Fact]
    public void Execution_order_counts_not_registration_order()
    {
        using var scope = NewDisposeScope();
        using var model = new Lambda((l, x) =>
            l[0].call(l[2].call(l[1].call(x)).relu()), ("last", Linear(6, 2)), ("first", Linear(4, 5)), ("middle", Linear(5, 6)));

        BlockChain.Find(model, zeros(1, 4)).Select(b => b.Name).Should().Equal("first", "middle", "last");
    }

    [Fact]
    public void Functions_between_layers_belong_to_the_block_before_them()
    {
        using var scope = NewDisposeScope();
        using var model = new Lambda(
            (l, x) => l[1].call(functional.max_pool2d(l[0].call(x).relu_(), 2).flatten(1)),
            ("conv", Conv2d(1, 2, 3, padding: 1)), ("head", Linear(32, 3)));

        var chain = BlockChain.Find(model, zeros(2, 1, 8, 8));

        chain[0].OutputShape.Should().Equal(2, 32);
        chain[0].OutputPositions.Should().Be(16);
    }

    [Fact]
    public void Nested_containers_give_dotted_names()
    {
        using var scope = NewDisposeScope();
        using var inner = Sequential(("conv", Conv2d(1, 2, 3)), ("norm", BatchNorm2d(2)));
        using var model = Sequential(("features", Sequential(("stage", inner), ("flat", Flatten()))), ("head", Linear(72, 3)));

        var chain = BlockChain.Find(model, zeros(1, 1, 8, 8));

        chain.Select(b => b.Name).Should().Equal("features.stage.conv", "head");
        chain[0].Auxiliary.Select(p => p.Name).Should()
            .BeEquivalentTo("features.stage.conv.bias", "features.stage.norm.weight", "features.stage.norm.bias");
    }

    [Fact]
    public void A_single_layer_is_a_chain_of_one_block()
    {
        using var scope = NewDisposeScope();
        using var model = Linear(4, 3);

        var chain = BlockChain.Find(model, zeros(2, 4));

        chain.Should().ContainSingle();
        chain.Parameters.Select(p => p.Name).Should().Equal("weight", "bias");
    }

    [Fact]
    public void Integer_inputs_are_allowed_when_a_plain_embedding_reads_them()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(("embed", Embedding(10, 6)), ("flat", Flatten()), ("head", Linear(18, 2)));

        var chain = BlockChain.Find(model, zeros(2, 3, dtype: int64), "embed");

        chain.Should().ContainSingle();
        chain.PlainParameters.Select(p => p.Name).Should().Equal("embed.weight");
    }

    [Fact]
    public void A_frozen_parameter_needs_no_rule()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(("head", Linear(4, 3)), ("prelu", PReLU(3)));
        foreach (var p in model.parameters()) if (p.dim() == 1 && p.numel() == 3) p.requires_grad = false;

        BlockChain.Find(model, zeros(2, 4)).Should().ContainSingle();
    }
}
