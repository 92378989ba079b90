using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Commands;

/// <summary>Picks the device, so that one that is missing is refused before anything is written.</summary>
internal static class Devices
{
    public const string Help = "cpu, cuda, a card by its number (cuda:1) or auto (cuda when there is one).";

    /// <summary>cpu, cuda or a card by number, cuda:1; auto is cuda when there is one.</summary>
    public static string Choose(string wanted)
    {
        if (wanted == "auto") return cuda.is_available() ? "cuda" : "cpu";
        if (wanted == "cpu") return "cpu";
        if (Number(wanted) is not { } number)
            throw new UserError($"--device: '{wanted}' is none of cpu, cuda, cuda:1 (a card by its number), auto.");
        if (!cuda.is_available())
            throw new UserError(
                $"--device {wanted}: no CUDA device is available; build with -p:TorchBackend=cuda on a machine that has one, "
                + "or use --device cpu.");
        return number < cuda.device_count() ? wanted : throw new UserError(
            $"--device {wanted}: there are the cards 0 to {cuda.device_count() - 1}.");
    }

    private static int? Number(string name) =>
        name == "cuda" ? 0
        : name.StartsWith("cuda:", StringComparison.Ordinal)
            && int.TryParse(name.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : null;

    public static string Describe(string device, int threads) =>
        device == "cpu" ? $"cpu, {threads} thread{(threads == 1 ? "" : "s")}" : device;
}
