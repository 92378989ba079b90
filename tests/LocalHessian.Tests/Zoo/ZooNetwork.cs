using LocalHessian.Blocks;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Zoo;

/// <summary>A network as others write it, and a batch for it.</summary>
/// <param name="Name">Its name in docs/networks.md.</param>
/// <param name="Build">The network and its input, in training mode.</param>
/// <param name="IsLarge">Whether it takes too long, or too much memory, for the ordinary run.</param>
public sealed record ZooNetwork(string Name, Func<NetworkCall> Build, bool IsLarge = false)
{
    public override string ToString() => Name;
}
