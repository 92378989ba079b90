using LocalHessian.Parallel;
using TorchSharp;
using VggCifar.Ranks;
using static TorchSharp.torch;

namespace VggCifar.Model;

/// <summary>The networks, by the names the command line knows.</summary>
internal static class Networks
{
    public static readonly IReadOnlyList<string> Names = [.. Vgg.Names, ResNet.Name];

    /// <param name="name">One of <see cref="Names"/>.</param>
    /// <param name="width">Multiplies the channels.</param>
    /// <param name="classes">Outputs.</param>
    /// <param name="together">The ranks over which batch norm is taken; null for this process alone.</param>
    public static nn.Module<Tensor, Tensor> Create(string name, double width, int classes, IRanks? together = null) =>
        name == ResNet.Name ? ResNet.Create(width, classes, together)
            : Vgg.Create(name, width, classes, channels => Norms.Of(channels, together, affine: false));
}
