using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Model;

/// <summary>
/// The paper's networks (section 4.1): VGG11, 13, 16 and 19 without the two intermediate linear layers and without biases,
/// with batch norm without trainable parameters before each ReLU.
/// </summary>
internal static class Vgg
{
    private const int Pool = -1;

    private static readonly Dictionary<string, int[]> Layers = new(StringComparer.OrdinalIgnoreCase)
    {
        ["vgg11"] = [64, Pool, 128, Pool, 256, 256, Pool, 512, 512, Pool, 512, 512, Pool],
        ["vgg13"] = [64, 64, Pool, 128, 128, Pool, 256, 256, Pool, 512, 512, Pool, 512, 512, Pool],
        ["vgg16"] = [64, 64, Pool, 128, 128, Pool, 256, 256, 256, Pool, 512, 512, 512, Pool, 512, 512, 512, Pool],
        ["vgg19"] =
        [
            64, 64, Pool, 128, 128, Pool, 256, 256, 256, 256, Pool,
            512, 512, 512, 512, Pool, 512, 512, 512, 512, Pool,
        ],
    };

    public static IReadOnlyCollection<string> Names => Layers.Keys;

    /// <summary>
    /// Builds the network for 3×32×32 images; channel counts are multiplied by <paramref name="width"/>, at least 1.
    /// </summary>
    public static nn.Module<Tensor, Tensor> Create(
        string name, double width, int classes, Func<long, nn.Module<Tensor, Tensor>>? norm = null)
    {
        var modules = new List<(string, nn.Module<Tensor, Tensor>)>();
        var (channels, stage, layer) = (3, 1, 1);
        foreach (var outputs in Layers[name])
        {
            if (outputs == Pool)
            {
                modules.Add(($"pool{stage}", nn.MaxPool2d(2)));
                (stage, layer) = (stage + 1, 1);
                continue;
            }
            var next = Math.Max(1, (int)Math.Round(outputs * width));
            modules.Add(($"conv{stage}_{layer}", nn.Conv2d(channels, next, 3, padding: 1, bias: false)));
            modules.Add(($"norm{stage}_{layer}", norm?.Invoke(next) ?? nn.BatchNorm2d(next, affine: false)));
            modules.Add(($"relu{stage}_{layer}", nn.ReLU(inplace: true)));
            (channels, layer) = (next, layer + 1);
        }
        modules.Add(("flatten", nn.Flatten()));
        modules.Add(("linear", nn.Linear(channels, classes, hasBias: false)));
        return nn.Sequential(modules);
    }
}
