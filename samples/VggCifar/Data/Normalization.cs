using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>Brings each channel to mean 0 and variance 1 over the training images.</summary>
internal sealed class Normalization : IDisposable
{
    private const int ImagesAtOnce = 2000;
    private readonly Tensor _mean, _deviation;

    private Normalization(Tensor mean, Tensor deviation) =>
        (_mean, _deviation) = (mean.DetachFromDisposeScope(), deviation.DetachFromDisposeScope());

    /// <summary>Measures the images (uint8, N×3×32×32).</summary>
    public static Normalization Of(Tensor images)
    {
        using var scope = NewDisposeScope();
        var (sum, squares) = (
            zeros(ImageSet.Channels, dtype: ScalarType.Float64, device: CPU),
            zeros(ImageSet.Channels, dtype: ScalarType.Float64, device: CPU));
        for (var at = 0L; at < images.shape[0]; at += ImagesAtOnce)
        {
            using var chunk = NewDisposeScope();
            var x = images.slice(0, at, Math.Min(at + ImagesAtOnce, images.shape[0]), 1).to(float32);
            // dim is named: the literal 0 alone would be read as a dtype, uint8. Within an image in float32, over the images
            // in float64.
            sum.add_(x.sum([2, 3]).to(ScalarType.Float64).sum(dim: 0).cpu());
            squares.add_((x * x).sum([2, 3]).to(ScalarType.Float64).sum(dim: 0).cpu());
        }
        var count = (double)images.shape[0] * ImageSet.Side * ImageSet.Side;
        var mean = sum / count;
        var deviation = (squares / count - mean * mean).clamp_min(1e-6).sqrt();
        return new Normalization(OnDevice(mean, images.device), OnDevice(deviation, images.device));
    }

    /// <summary>Normalizes float images in place.</summary>
    public Tensor Apply_(Tensor images) => images.sub_(_mean).div_(_deviation);

    public void Dispose()
    {
        _mean.Dispose();
        _deviation.Dispose();
    }

    private static Tensor OnDevice(Tensor channel, Device device) =>
        channel.to(float32).to(device).view(1, ImageSet.Channels, 1, 1);
}
