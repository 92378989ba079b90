using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>
/// The built-in data set, generated on the spot: a class has a background texture and a shape that lies on it. Their
/// colours, place, size and angle vary, so that textures of different classes overlap; a disc distracts, and noise lies over all.
/// </summary>
internal static class SyntheticImages
{
    /// <summary>Training and test images of 10 or 100 classes; the same for the same seed.</summary>
    public static DataSet Create(int classes, int trainImages, int testImages, long seed = 1)
    {
        var patterns = new ClassPatterns(classes);
        return new DataSet(
            $"built-in-{classes}", classes, Draw(patterns, trainImages, seed, 0), Draw(patterns, testImages, seed, 1));
    }

    private static ImageSet Draw(ClassPatterns patterns, int count, long seed, int part)
    {
        using var scope = NewDisposeScope();
        var pixels = new byte[(long)count * ImageSet.Bytes];
        var labels = new long[count];
        Parallel.For(0, count, i =>
        {
            var random = new Randomness(seed, part, i);
            labels[i] = i % patterns.Classes;
            new SyntheticPainter(patterns, random).Paint((int)labels[i], pixels.AsSpan(i * ImageSet.Bytes, ImageSet.Bytes));
        });
        var images = tensor(pixels, ScalarType.Byte, CPU).view(count, ImageSet.Channels, ImageSet.Side, ImageSet.Side);
        return new ImageSet(images, tensor(labels, device: CPU));
    }
}
