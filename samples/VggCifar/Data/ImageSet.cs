using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>Labelled images: <see cref="Images"/> is uint8, N×3×32×32; <see cref="Labels"/> is int64, N.</summary>
internal sealed class ImageSet(Tensor images, Tensor labels) : IDisposable
{
    public const int Side = 32;
    public const int Channels = 3;
    public const int Bytes = Channels * Side * Side;

    public Tensor Images { get; } = images.DetachFromDisposeScope();
    public Tensor Labels { get; } = labels.DetachFromDisposeScope();
    public int Count { get; } = checked((int)labels.shape[0]);

    /// <summary>The same images on another device.</summary>
    public ImageSet To(Device device) => new(Images.to(device, copy: true), Labels.to(device, copy: true));

    public void Dispose()
    {
        Images.Dispose();
        Labels.Dispose();
    }
}
