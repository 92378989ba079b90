using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>The order of images in memory.</summary>
internal static class MemoryLayout
{
    public const string Auto = "auto", ChannelsLast = "channels-last", Contiguous = "contiguous";
    public static readonly IReadOnlyList<string> Names = [Auto, ChannelsLast, Contiguous];

    /// <summary>
    /// The images in the order asked for; weights stay as they are, the whole network follows its input. Auto is channels
    /// last on the CPU, where a training step of VGG11 at a quarter of the width takes 60 ms instead of 90 (2 cores), and as
    /// they are on CUDA, where it has not been measured.
    /// </summary>
    public static Tensor Of(Tensor images, string format) =>
        format == ChannelsLast || (format == Auto && images.device_type == DeviceType.CPU)
            ? images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2)
            : images;
}
