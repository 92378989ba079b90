using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>The order in memory in which convolutions are fastest.</summary>
internal static class MemoryLayout
{
    /// <summary>
    /// Channels last on CPU, where a training step of VGG11 at a quarter of the width takes 60 ms instead of 90 (2 cores);
    /// weights stay as they are, the whole network follows its input. Unchanged on other devices.
    /// </summary>
    public static Tensor Best(Tensor images) =>
        images.device_type == DeviceType.CPU ? images.permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2) : images;
}
