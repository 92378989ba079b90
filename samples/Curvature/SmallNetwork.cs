using TorchSharp;
using static TorchSharp.torch;

namespace CurvatureStudy;

/// <summary>
/// Three convolutions and a linear layer without biases, 6,232 weights for ten classes: a chain in which a block is a weight.
/// Initial weights are those of He et al. (2015).
/// </summary>
internal static class SmallNetwork
{
    public static nn.Module<Tensor, Tensor> Create(int classes)
    {
        var network = Layers(classes);
        foreach (var weight in network.parameters()) nn.init.kaiming_normal_(weight);
        return network;
    }

    private static nn.Module<Tensor, Tensor> Layers(int classes) => nn.Sequential(
        ("conv1", nn.Conv2d(3, 8, 3, stride: 2, padding: 1, bias: false)), ("relu1", nn.ReLU()),
        ("conv2", nn.Conv2d(8, 16, 3, stride: 2, padding: 1, bias: false)), ("relu2", nn.ReLU()),
        ("conv3", nn.Conv2d(16, 16, 3, stride: 2, padding: 1, bias: false)), ("relu3", nn.ReLU()),
        ("flatten", nn.Flatten()), ("linear", nn.Linear(256, classes, hasBias: false)));
}
