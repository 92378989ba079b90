using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Commands;

/// <summary>Picks the device, so that one that is missing is refused before anything is written.</summary>
internal static class Devices
{
    /// <summary>cpu or cuda; auto is cuda when there is one.</summary>
    public static string Choose(string wanted) => Check.OneOf("--device", wanted, ["cpu", "cuda", "auto"]) switch
    {
        "cpu" => "cpu",
        "cuda" when !cuda.is_available() => throw new UserError(
            "--device cuda: no CUDA device is available; build with -p:TorchBackend=cuda on a machine that has one, or use --device cpu."),
        "cuda" => "cuda",
        _ => cuda.is_available() ? "cuda" : "cpu",
    };

    public static string Describe(string device, int threads) => device == "cpu" ? $"cpu, {threads} thread{(threads == 1 ? "" : "s")}" : device;
}
