using LocalHessian.Optim;
using TorchSharp;
using TorchSharp.Modules;
using VggCifar.Model;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>Networks with random gradients, ready for an optimizer's step.</summary>
internal static class Weights
{
    public const double Rate = 1e-6, Momentum = 0.9, Decay = 0.005;

    /// <summary>VGG13 for 100 classes: 9.4 million weights.</summary>
    public static nn.Module<Tensor, Tensor> Vgg13() => WithGradients(Vgg.Create("vgg13", 1, 100));

    /// <summary>A chain of linear blocks without biases.</summary>
    public static nn.Module<Tensor, Tensor> Linears(int blocks, long features) => WithGradients(nn.Sequential(
        Enumerable.Range(0, blocks)
            .Select(i => ($"linear{i}", (nn.Module<Tensor, Tensor>)nn.Linear(features, features, hasBias: false)))));

    public static Tensor ExampleFor(nn.Module<Tensor, Tensor> network)
    {
        var first = network.parameters().First().shape;
        return first.Length == 2 ? zeros(2, first[1]) : zeros(2, first[1], 32, 32);
    }

    public static optim.Optimizer Sgd(nn.Module network) => optim.SGD(network.parameters(), Rate, Momentum, weight_decay: Decay);
    public static LARS Lars(nn.Module network) => new(network.parameters(), Rate, Momentum, weight_decay: Decay);
    public static LSALR Lsalr(nn.Module network) => new(network.parameters(), Rate, Momentum, weight_decay: Decay);

    public static ScaleAmendedSGD ScaleAmended(nn.Module<Tensor, Tensor> network)
    {
        using var example = ExampleFor(network);
        return new(network, example, Rate, Momentum, weight_decay: Decay);
    }

    private static nn.Module<Tensor, Tensor> WithGradients(nn.Module<Tensor, Tensor> network)
    {
        using var noGrad = no_grad();
        foreach (var parameter in network.parameters()) parameter.grad = randn_like(parameter).mul_(0.01);
        return network;
    }
}
