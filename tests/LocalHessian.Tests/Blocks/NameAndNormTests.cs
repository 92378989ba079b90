using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Blocks;

public class NameAndNormTests
{
    [Fact]
    public void A_name_takes_its_module_and_no_other_whose_name_begins_alike()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(("a", Linear(4, 3)), ("norm1", BatchNorm1d(3)), ("b", Linear(3, 3)), ("norm10",
            BatchNorm1d(3)));
        var structure = NetworkStructure.Find(network, randn(5, 4), plain: ["norm1"]);

        structure.PlainParameters.Select(p => p.Name).Should().Equal("norm1.weight", "norm1.bias");
        FluentActions.Invoking(() => NetworkStructure.Find(network, randn(5, 4), plain: ["norm"]))
            .Should().Throw<ArgumentException>()
            .WithMessage("*named 'norm'*");
        using var curvature = new NetworkCurvature(Evaluating(network), CurvatureLoss.SquaredError,
            CurvatureData.Batch(randn(5, 4), randn(5, 3)), new() { Parameters = ["norm1"] });
        curvature.Parameters.Select(p => p.Name).Should().Equal("norm1.weight", "norm1.bias");
        using var all = new NetworkCurvature(network, CurvatureLoss.SquaredError, CurvatureData.Batch(randn(5, 4), randn(5, 3)));
        all.Restrict("norm1").Size.Should().Be(6);
    }

    public static TheoryData<string, bool> Layers => new()
    {
        { "batch norm", true }, { "layer norm", true }, { "group norm", true }, { "instance norm", true }, { "ReLU", false },
        { "nothing", false },
    };

    [Theory, MemberData(nameof(Layers))]
    public void A_block_is_normalised_whose_layer_a_norm_of_any_kind_follows(string name, bool normalised)
    {
        using var scope = NewDisposeScope();
        Module<Tensor, Tensor> layer = name switch
        {
            "batch norm" => BatchNorm2d(4),
            "layer norm" => LayerNorm([4, 5, 5]),
            "group norm" => Networks.GroupNorm(2, 4),
            "instance norm" => InstanceNorm2d(4, affine: true),
            "ReLU" => ReLU(),
            _ => Identity(),
        };
        using var network = Sequential(("first", Conv2d(2, 4, 3, padding: 1)), ("layer", layer), ("last", Conv2d(4, 2, 1)));
        var chain = BlockChain.Find(network, randn(3, 2, 5, 5));

        chain[0].Normalised.Should().Be(normalised);
        chain[1].Normalised.Should().BeFalse();
        chain[0].Auxiliary.Select(p => p.Name).Should().Equal(normalised ? ["first.bias", "layer.weight",
            "layer.bias"] : ["first.bias"]);
    }

    [Fact]
    public void Shapes_are_for_as_many_samples_as_the_example_has()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(Conv2d(2, 4, 3), ReLU(), MaxPool2d(2), Flatten(), Linear(16, 3));
        foreach (var samples in new[] { 1, 3 })
        {
            var chain = BlockChain.Find(network, randn(samples, 2, 6, 6));
            chain[0].InputShape.Should().Equal(samples, 2, 6, 6);
            chain[0].LayerOutputShape.Should().Equal(samples, 4, 4, 4);
            chain[0].OutputShape.Should().Equal(samples, 16);
            chain[0].LayerOutputPositions.Should().Be(16);
            chain[0].OutputFeatures.Should().Be(16);
        }
    }

    private static Module Evaluating(Module network)
    {
        network.eval();
        return network;
    }
}
