using TorchSharp;
using VggCifar.Data;
using static TorchSharp.torch;

namespace VggCifar.Tests.Data;

public class NormalizationTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(2003)] // more than are measured at once
    public void Mean_and_deviation_are_those_of_each_channel_over_all_images(int count)
    {
        using var scope = NewDisposeScope();
        var random = new Random(5);
        var bytes = new byte[count * ImageSet.Bytes];
        for (var i = 0; i < bytes.Length; i++) bytes[i] = (byte)(random.Next(60) + 70 * (i / 1024 % 3)); // another mean a channel
        using var images = tensor(bytes, ScalarType.Byte).view(count, 3, 32, 32);
        using var normalization = Normalization.Of(images);
        var levels = full(1, 3, 32, 32, 100.0f);

        normalization.Apply_(levels);

        for (var channel = 0; channel < 3; channel++)
        {
            var (sum, squares, n) = (0.0, 0.0, 0L);
            for (var i = 0; i < bytes.Length; i++)
            {
                if (i / 1024 % 3 != channel) continue;
                sum += bytes[i];
                squares += (double)bytes[i] * bytes[i];
                n++;
            }

            var expected = (100 - sum / n) / Math.Sqrt(squares / n - sum / n * (sum / n));
            ((double)levels[0, channel, 31, 7].item<float>()).Should()
                .BeApproximately(expected, 1e-5 * Math.Max(1, Math.Abs(expected)));
        }
    }

    [Fact]
    public void Images_of_one_colour_stay_finite()
    {
        using var scope = NewDisposeScope();
        using var normalization = Normalization.Of(full([4, 3, 32, 32], 77, ScalarType.Byte));

        normalization.Apply_(full(1, 3, 32, 32, 77.0f)).abs().max().item<float>().Should().Be(0);
    }
}
