using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Cases;

/// <summary>A network and an example input, in float64.</summary>
public sealed record NetworkCase(string Name, Func<Module<Tensor, Tensor>> Build, long[] Input)
{
    public Tensor Example() => randn(Input, ScalarType.Float64);

    public override string ToString() => Name;
}

/// <summary>The table of chains that the tests of blocks, factors and optimizers share.</summary>
public static class Networks
{
    public static readonly int[][] VggWidths =
    [
        [64, 0, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0],
        [64, 64, 0, 128, 128, 0, 256, 256, 0, 512, 512, 0, 512, 512, 0],
        [64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0],
        [64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512, 512, 512, 512, 0],
    ];

    public static readonly string[] VggNames = ["VGG11", "VGG13", "VGG16", "VGG19"];

    public static IEnumerable<NetworkCase> Chains =>
    [
        .. VggNames.Select((name, i) => new NetworkCase(name, () => Vgg(VggWidths[i], 16), [2, 3, 32, 32])),
        new("MLP", () => InFloat64(Sequential(Linear(5, 7), BatchNorm1d(7), ReLU(), Linear(7, 6), ReLU(), Linear(6, 3))), [4, 5]),
        new("stride and dilation", () => InFloat64(Sequential(
            Conv2d(3, 8, 3, stride: 2, padding: 1, bias: false), BatchNorm2d(8, affine: false), ReLU(),
            Conv2d(8, 6, 3, dilation: 2, bias: false), ReLU(), Flatten(), Linear(6 * 4 * 4, 5, hasBias: false))), [2, 3, 16, 16]),
        new("groups", () => InFloat64(Sequential(
            Conv2d(4, 8, 3, padding: 1, groups: 4), ReLU(), MaxPool2d(2), Conv2d(8, 8, 1, groups: 2), AvgPool2d(2), Flatten(),
            Linear(32, 3))), [2, 4, 8, 8]),
        new("transposed", () => InFloat64(Sequential(
            ConvTranspose2d(4, 6, 4, stride: 2, padding: 1, bias: false), BatchNorm2d(6, affine: false), ReLU(),
            Conv2d(6, 2, 3, padding: 1, bias: false))), [2, 4, 5, 5]),
        new("one dimension", () => InFloat64(Sequential(
            Conv1d(2, 4, 3, padding: 1), ReLU(), MaxPool1d(2), ConvTranspose1d(4, 3, 2, stride: 2), Flatten(), Linear(24, 2))),
                [3, 2, 8]),
        new("three dimensions", () => InFloat64(Sequential(
            Conv3d(2, 4, 3, padding: 1, stride: 2), BatchNorm3d(4), ReLU(inplace: true), Conv3d(4, 4, 1), Flatten(),
            Linear(32, 2))), [2, 2, 4, 4, 4]),
        new("transposed volume", () => InFloat64(Sequential(
            ConvTranspose3d(2, 4, 2, stride: 2, groups: 2), ReLU(inplace: true), MaxPool3d(2),
            ConvTranspose3d(4, 3, 3, padding: 1, bias: false))), [2, 2, 3, 3, 3]),
        new("transposed with dilation and output padding", () => InFloat64(Sequential(
            ConvTranspose2d(4, 6, 3, stride: 2, padding: 2, output_padding: 1, dilation: 2, groups: 2), ReLU(),
            AdaptiveAvgPool2d(3), Flatten(), Linear(54, 2))), [2, 4, 5, 5]),
        new("tokens", () => InFloat64(Sequential(Linear(6, 8), LayerNorm(8), ReLU(), Linear(8, 4))), [2, 5, 6]),
    ];

    public static TheoryData<NetworkCase> ChainCases => new(Chains);

    /// <summary>
    /// The paper's VGG: no biases, batch norm without parameters, one linear layer. Widths over <paramref name="divisor"/>.
    /// </summary>
    public static Module<Tensor, Tensor> Vgg(int[] widths, int divisor, long classes = 10)
    {
        var layers = new List<(string, Module<Tensor, Tensor>)>();
        long channels = 3;
        foreach (var width in widths)
        {
            if (width == 0)
            {
                layers.Add(($"pool{layers.Count}", MaxPool2d(2)));
                continue;
            }

            layers.Add(($"conv{layers.Count}", Conv2d(channels, width / divisor, 3, padding: 1, bias: false)));
            channels = width / divisor;
            layers.Add(($"norm{layers.Count}", BatchNorm2d(channels, affine: false)));
            layers.Add(($"relu{layers.Count}", ReLU(inplace: true)));
        }

        layers.Add(("flatten", Flatten()));
        layers.Add(("classifier", Linear(channels, classes, hasBias: false)));
        return InFloat64(Sequential(layers));
    }

    /// <summary>TorchSharp 0.107 leaves the gain and shift of a group norm as the memory happens to be.</summary>
    public static TorchSharp.Modules.GroupNorm GroupNorm(long groups, long channels)
    {
        var norm = nn.GroupNorm(groups, channels);
        init.ones_(norm.weight);
        init.zeros_(norm.bias!);
        return norm;
    }

    public static T InFloat64<T>(T module) where T : Module => module.to(ScalarType.Float64);
}
