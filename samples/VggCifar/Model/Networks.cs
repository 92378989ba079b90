using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Model;

/// <summary>The networks, by the names the command line knows.</summary>
internal static class Networks
{
    public static readonly IReadOnlyList<string> Names = [.. Vgg.Names, ResNet.Name];

    public static nn.Module<Tensor, Tensor> Create(string name, double width, int classes) =>
        name == ResNet.Name ? ResNet.Create(width, classes) : Vgg.Create(name, width, classes);
}
