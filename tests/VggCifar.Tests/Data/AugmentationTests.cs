using TorchSharp;
using VggCifar.Data;
using static TorchSharp.torch;

namespace VggCifar.Tests.Data;

public class AugmentationTests
{
    public static TheoryData<string> Names => new(Augmentation.Names);

    [Theory]
    [MemberData(nameof(Names))]
    public void Seed_and_epoch_alone_decide_order_and_images(string name)
    {
        using var scope = NewDisposeScope();
        var (first, again, nextEpoch, nextSeed) = (Epoch(name, 1, 0), Epoch(name, 1, 0), Epoch(name, 1, 1), Epoch(name, 2, 0));

        again.Images.Equals(first.Images).Should().BeTrue();
        again.Labels.Equals(first.Labels).Should().BeTrue();
        nextEpoch.Images.Equals(first.Images).Should().BeFalse();
        nextSeed.Images.Equals(first.Images).Should().BeFalse();
        first.Images.shape.Should().Equal(20, 3, 32, 32);
        first.Images.dtype.Should().Be(ScalarType.Float32);
        first.Labels.data<long>().Order().Should()
            .Equal(Enumerable.Range(0, 20).Select(i => (long)i), "every image comes once an epoch");
    }

    [Fact]
    public void A_crop_is_one_of_the_eighty_one_windows_of_the_padded_image_flipped_or_not()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(3, CPU);
        var image = randint(1, 256, [1, 3, 32, 32]).to(float32);
        var maps = Augmentation.Crop.Maps!(60, generator).to(float32);

        var cropped = Augmentation.Crop.Apply(image.expand(60, 3, 32, 32), maps);

        var padded = nn.functional.pad(image, [4, 4, 4, 4]);
        var windows = new List<(string Name, Tensor Window)>();
        for (var y = 0; y <= 8; y++)
            for (var x = 0; x <= 8; x++)
            {
                var window = padded.slice(2, y, y + 32, 1).slice(3, x, x + 32, 1)[0];
                windows.Add(($"{y},{x}", window));
                windows.Add(($"{y},{x} flipped", window.flip(2)));
            }

        var found = Enumerable.Range(0, 60)
            .Select(i => windows.Where(w => w.Window.Equals(cropped[i])).Select(w => w.Name).FirstOrDefault()).ToList();
        found.Should().NotContainNulls();
        found.Select(f => f![0]).Distinct().Should().BeEquivalentTo("012345678", "every shift up and down comes");
        found.Select(f => f![2]).Distinct().Should().BeEquivalentTo("012345678");
        found.Count(f => f!.EndsWith("flipped", StringComparison.Ordinal)).Should().BeInRange(15, 45);
    }

    [Fact]
    public void The_papers_rotation_stays_within_fifteen_degrees_and_flips_half_of_the_images()
    {
        using var scope = NewDisposeScope();
        using var generator = new Generator(4, CPU);

        var maps = Augmentation.Paper.Maps!(1000, generator).to(ScalarType.Float64);

        var determinant = maps[.., 0, 0] * maps[.., 1, 1] - maps[.., 0, 1] * maps[.., 1, 0];
        (determinant.abs() - 1).abs().max().item<double>().Should().BeLessThan(1e-6, "a rotation keeps sizes");
        maps.select(2, 2).count_nonzero().item<long>().Should().Be(0, "the centre stays");
        determinant.lt(0).sum().item<long>().Should().BeInRange(420, 580);
        var degrees = maps[.., 1, 1].acos() * (180 / Math.PI);
        degrees.max().item<double>().Should().BeInRange(14.5, 15.001);
    }

    [Fact]
    public void What_a_rotation_brings_in_from_outside_is_black()
    {
        using var scope = NewDisposeScope();
        var (cos, sin) = ((float)Math.Cos(0.2), (float)Math.Sin(0.2));
        var map = tensor(new[] { cos, -sin, 0, sin, cos, 0 }).view(1, 2, 3);

        var turned = Augmentation.Paper.Apply(full(1, 3, 32, 32, 255f), map);

        turned[0, 0, 0, 0].item<float>().Should().Be(0);
        turned[0, 0, 16, 16].item<float>().Should().BeApproximately(255, 1e-3f);
    }

    private static (Tensor Images, Tensor Labels) Epoch(string name, long seed, int epoch)
    {
        using var generator = new Generator(7, CPU);
        using var images = new ImageSet(
            randint(0, 256, [20, 3, 32, 32], generator: generator).to(ScalarType.Byte), arange(20, ScalarType.Int64));
        using var normalization = Normalization.Of(images.Images);
        using var batches = new EpochBatches(images, normalization, Augmentation.All.Single(a => a.Name == name), 8, seed, epoch);
        batches.Count.Should().Be(3);
        var all = Enumerable.Range(0, 3).Select(i => batches[i]).ToList();
        return (cat([.. all.Select(b => b.Images)]), cat([.. all.Select(b => b.Labels)]));
    }
}
