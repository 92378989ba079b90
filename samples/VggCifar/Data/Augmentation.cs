using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>
/// How training images are varied, as one affine map an image and epoch: all maps of an epoch are drawn at once from the epoch's
/// generator, and a batch is resampled on its device in one call.
/// </summary>
internal sealed record Augmentation(string Name, GridSampleMode Mode, Func<long, Generator, Tensor>? Maps)
{
    /// <summary>The paper does not say how far it rotates; 15 degrees keeps the objects upright.</summary>
    private const double Degrees = 15;
    private const int Padding = 4;

    public static readonly Augmentation None = new("none", GridSampleMode.Nearest, null);

    /// <summary>The paper's: flipped with probability one half and rotated by up to 15 degrees (section 4.1).</summary>
    public static readonly Augmentation Paper = new("paper", GridSampleMode.Bilinear, (count, generator) =>
    {
        var angle = (rand(count, device: CPU, generator: generator) * 2 - 1) * (Degrees * Math.PI / 180);
        var flip = Flip(count, generator);
        var zero = zeros(count, device: CPU);
        return stack([flip * angle.cos(), -angle.sin(), zero, flip * angle.sin(), angle.cos(), zero], dim: 1).view(count, 2, 3);
    });

    /// <summary>The customary one: padded by 4 black pixels, a random 32×32 crop of that, and flipped.</summary>
    public static readonly Augmentation Crop = new("crop", GridSampleMode.Nearest, (count, generator) =>
    {
        var flip = Flip(count, generator);
        var shift = randint(
            -Padding, Padding + 1, new long[] { 2, count }, device: CPU, generator: generator) * (2.0 / ImageSet.Side);
        var (zero, one) = (zeros(count, device: CPU), ones(count, device: CPU));
        return stack([flip, zero, shift[0], zero, one, shift[1]], dim: 1).view(count, 2, 3);
    });

    public static readonly IReadOnlyList<Augmentation> All = [Paper, Crop, None];
    public static readonly IReadOnlyList<string> Names = [.. All.Select(augmentation => augmentation.Name)];

    /// <summary>Resamples float images (B×3×32×32) through their maps (B×2×3); what lies outside is black.</summary>
    public Tensor Apply(Tensor images, Tensor maps)
    {
        var grid = nn.functional.affine_grid(maps, images.shape, align_corners: false);
        return nn.functional.grid_sample(images, grid, Mode, GridSamplePaddingMode.Zeros, align_corners: false);
    }

    private static Tensor Flip(long count, Generator generator) =>
        randint(0, 2, count, device: CPU, generator: generator) * 2.0 - 1;
}
