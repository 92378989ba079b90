using LocalHessian.Blocks;
using TorchSharp;
using TorchSharp.Modules;
using VggCifar.Model;
using static TorchSharp.torch;

namespace VggCifar.Tests.Model;

public class NetworkTests
{
    [Theory]
    [InlineData("vgg11", 8, new long[] { 64, 128, 256, 256, 512, 512, 512, 512 })]
    [InlineData("vgg13", 10, new long[] { 64, 64, 128, 128, 256, 256, 512, 512, 512, 512 })]
    [InlineData("vgg16", 13, new long[] { 64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512 })]
    [InlineData("vgg19", 16, new long[] { 64, 64, 128, 128, 256, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512, 512 })]
    public void A_VGG_has_the_papers_layers(string name, int convolutions, long[] channels)
    {
        using var scope = NewDisposeScope();
        using var network = Networks.Create(name, width: 0.125, classes: 100);
        var layers = network.modules().OfType<Conv2d>().ToList();
        var norms = network.modules().OfType<BatchNorm2d>().ToList();

        layers.Should().HaveCount(convolutions);
        layers.Should().OnlyContain(c => ReferenceEquals(c.bias, null) && c.weight.shape[2] == 3 && c.weight.shape[3] == 3);
        layers.Select(c => c.weight.shape[0] * 8).Should().Equal(channels);
        norms.Should().HaveCount(convolutions).And.OnlyContain(n => !n.parameters(true).Any());
        network.modules().OfType<MaxPool2d>().Should().HaveCount(5);
        network.modules().OfType<Linear>().Should().ContainSingle().Which.bias.Should().BeNull();
        network.parameters().Should().HaveCount(convolutions + 1);
        network.call(zeros(2, 3, 32, 32)).shape.Should().Equal(2, 100);
    }

    [Fact]
    public void The_order_is_convolution_norm_rectifier_and_pools_end_the_stages()
    {
        using var network = Networks.Create("vgg11", 0.03125, 10);

        network.named_children().Select(child => child.name).Should().Equal(
            "conv1_1", "norm1_1", "relu1_1", "pool1", "conv2_1", "norm2_1", "relu2_1", "pool2",
            "conv3_1", "norm3_1", "relu3_1", "conv3_2", "norm3_2", "relu3_2", "pool3",
            "conv4_1", "norm4_1", "relu4_1", "conv4_2", "norm4_2", "relu4_2", "pool4",
            "conv5_1", "norm5_1", "relu5_1", "conv5_2", "norm5_2", "relu5_2", "pool5", "flatten", "linear");
    }

    [Theory]
    [InlineData(1, 9L * (3 * 64 + 64 * 128 + 128 * 256 + 256 * 256 + 256 * 512 + 3 * 512 * 512) + 5120)]
    [InlineData(0.25, 9L * (3 * 16 + 16 * 32 + 32 * 64 + 64 * 64 + 64 * 128 + 3 * 128 * 128) + 1280)]
    public void The_width_multiplies_every_channel_but_the_images(double width, long parameters)
    {
        using var network = Networks.Create("vgg11", width, 10);

        network.parameters().Sum(p => p.numel()).Should().Be(parameters);
    }

    [Fact]
    public void The_narrowest_network_still_has_a_channel_everywhere()
    {
        using var network = Networks.Create("vgg11", 1e-6, 10);

        network.modules().OfType<Conv2d>().Should().OnlyContain(c => c.weight.shape[0] == 1);
    }

    [Fact]
    public void ResNet20_has_nineteen_convolutions_one_linear_layer_and_the_published_number_of_parameters()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.Create("resnet20", 1, 10);

        network.modules().OfType<Conv2d>().Should().HaveCount(19);
        network.modules().OfType<Linear>().Should().ContainSingle();
        network.parameters().Sum(p => p.numel()).Should().Be(269_722); // "0.27M", He et al., table 6; shortcuts have none
        network.call(zeros(2, 3, 32, 32)).shape.Should().Equal(2, 10);
    }

    [Fact]
    public void A_residual_block_with_a_branch_of_zeros_is_the_rectified_shortcut()
    {
        using var scope = NewDisposeScope();
        using var block = new ResidualBlock(2, 4, stride: 2);
        using (no_grad())
            foreach (var parameter in block.parameters()) parameter.zero_();
        var x = randn(3, 2, 8, 8);

        var y = block.call(x);

        var subsampled = x[.., .., TensorIndex.Slice(null, null, 2), TensorIndex.Slice(null, null, 2)].relu();
        y.slice(1, 0, 2, 1).Equals(subsampled).Should().BeTrue();
        y.slice(1, 2, 4, 1).count_nonzero().item<long>().Should().Be(0);
    }

    [Fact]
    public void Every_VGG_is_a_chain_of_blocks_with_the_papers_position_ratios()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.Create("vgg11", 0.125, 10);
        network.eval();

        var chain = BlockChain.Find(network, zeros(1, 3, 32, 32));

        chain.Select(b => b.InputPositions / b.OutputPositions).Should().Equal(4, 4, 1, 4, 1, 4, 1, 4, 1);
    }
}
