using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;
using static TorchSharp.torchvision.models;

namespace LocalHessian.Tests.Zoo;

/// <summary>The networks of docs/networks.md.</summary>
public static class Zoo
{
    public static IReadOnlyList<ZooNetwork> All { get; } =
    [
        Vision("TorchVision alexnet", () => alexnet(10), 64, isLarge: true),
        Vision("TorchVision vgg11_bn", () => vgg11_bn(10), 32, isLarge: true),
        Vision("TorchVision resnet18", () => resnet18(10), 32),
        Vision("TorchVision resnet34", () => resnet34(10), 32, isLarge: true),
        Vision("TorchVision resnet50", () => resnet50(10), 32, isLarge: true),
        Vision("TorchVision mobilenet_v2", () => mobilenet_v2(10), 32, isLarge: true),
        Vision("TorchVision mobilenet_v3_small", () => mobilenet_v3_small(), 32),
        Own("forward with a dispose scope", () => new Scoped(), () => randn(4, 6)),
        Own("residual, activation after", () => Architectures.Residual(before: false), () => randn(4, 2, 4, 4, float64)),
        Own("residual, activation before", () => Architectures.Residual(before: true), () => randn(4, 2, 4, 4, float64)),
        Own("token transformer, tied head", () => new TokenTransformer(11, 8, 5), () => randint(0, 11, [4, 5])),
        Own("vision transformer", () => new VisionTransformer(6, 4, 3), () => randn(4, 1, 4, 4)),
        Own("LSTM classifier", () => new LstmClassifier(7, 4, 3), () => randint(0, 7, [4, 5])),
        Own("GRU classifier", () => new GruClassifier(5, 4, 3), () => randn(4, 6, 5)),
        Own("U-Net", () => new UNet(), () => randn(3, 1, 8, 8)),
        Own("autoencoder, transposed convolutions", () => Sequential(
            ("down1", Conv2d(1, 4, 3, stride: 2, padding: 1)), ("relu1", ReLU()),
            ("down2", Conv2d(4, 8, 3, stride: 2, padding: 1)), ("relu2", ReLU()),
            ("up1", ConvTranspose2d(8, 4, 2, stride: 2)), ("relu3", ReLU()), ("up2", ConvTranspose2d(4, 1, 2, stride: 2)),
            ("out", Sigmoid())), () => randn(3, 1, 8, 8)),
        Own("MLP-mixer", () => new Mixer(4, 6, 3), () => randn(4, 4, 6)),
        new("two inputs", () => NetworkCall.Of(new TwoInputs(), randn(4, 5), randn(4, 3))),
        new("two outputs", () =>
        {
            var (network, x) = (new TwoOutputs(), randn(4, 5));
            return NetworkCall.Of(network, () =>
            {
                var (mean, deviation) = network.call(x);
                return cat([mean, deviation], 1);
            });
        }),
        Own("sum over the batch between layers", () => new Lambda((l, x) => { var z = l[0].call(x); return l[1].call(z
            + z.sum([0L])); }, ("a", Linear(5, 6)), ("b", Linear(6, 3))), () => randn(4, 5)),
        Own("softmax between layers", () => new Lambda((l, x) => l[1].call(functional.softmax(l[0].call(x), 1)),
            ("a", Linear(5, 6)), ("b", Linear(6, 3))), () => randn(4, 5)),
        Own("a layer kept in an array", () => new Unregistered(), () => randn(4, 5)),
        Own("grid_sample", () => new Resampled(), () => randn(3, 1, 4, 4)),
    ];

    private static ZooNetwork Vision(string name, Func<Module<Tensor, Tensor>> build, long size, bool isLarge = false) =>
        Own(name, build, () => randn(4, 3, size, size), isLarge);

    private static ZooNetwork Own(string name, Func<Module<Tensor, Tensor>> build, Func<Tensor> input, bool isLarge = false) =>
        new(name, () =>
    {
        manual_seed(1);
        var network = build();
        network.train();
        return NetworkCall.Of(network, input());
    }, isLarge);
}
