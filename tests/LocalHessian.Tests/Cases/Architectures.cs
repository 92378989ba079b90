using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Cases;

/// <summary>A network of any architecture, in float64, and a batch for it.</summary>
public sealed record ArchitectureCase(string Name, Func<Module<Tensor, Tensor>> Build, Func<Tensor> Input,
    bool IsBlockChain = true)
{
    public override string ToString() => Name;
}

/// <summary>Networks for which no closed form holds, small enough for dense Jacobians.</summary>
public static class Architectures
{
    public static IEnumerable<ArchitectureCase> All =>
    [
        new("residual, activation after", () => Residual(before: false), Images),
        new("residual, activation before", () => Residual(before: true), Images),
        new("depthwise separable", () => Networks.InFloat64(Sequential(
            Conv2d(2, 4, 3, padding: 1, groups: 2, bias: false), Conv2d(4, 6, 1), Networks.GroupNorm(2, 6), ReLU6(),
            Conv2d(6, 6, 3, padding: 1, groups: 6), Conv2d(6, 4, 1), BatchNorm2d(4), ReLU(), AdaptiveAvgPool2d(1), Flatten(),
            Linear(4, 3))), Images),
        new("vision transformer", () => Networks.InFloat64(new VisionTransformer(6, 4, 3)), () => randn(3, 1, 4, 4, float64)),
        new("LSTM classifier", () => Networks.InFloat64(new LstmClassifier(7, 4, 3)), () => randint(0, 7, [3, 5])),
        new("shared layer", () =>
        {
            var shared = Linear(4, 4);
            return Networks.InFloat64<Module<Tensor, Tensor>>(new Lambda((l, x) =>
                l[1].call(l[0].call(l[0].call(x).tanh()).tanh()), ("shared", shared), ("head", Linear(4, 3))));
        }, () => randn(3, 4, float64), IsBlockChain: false),
    ];

    public static TheoryData<ArchitectureCase> Cases => new(All);

    public static TheoryData<ArchitectureCase> BlockCases => new(All.Where(c => c.IsBlockChain));

    public static Module<Tensor, Tensor> Residual(bool before) => Networks.InFloat64(Sequential(
        ("stem", Conv2d(2, 3, 3, padding: 1, bias: false)), ("norm", BatchNorm2d(3)), ("relu", ReLU()),
        ("block1", new ResidualBlock(3, 3, before)), ("block2", new ResidualBlock(3, 4, before)),
        ("pool", AdaptiveAvgPool2d(1)), ("flatten", Flatten()), ("head", Linear(4, 3))));

    private static Tensor Images() => randn(3, 2, 4, 4, float64);
}
