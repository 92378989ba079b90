namespace GpuCheck;

/// <summary>What a library needs of others and does not find, as the dynamic loader says.</summary>
internal static class Symbols
{
    /// <summary>TorchSharp's shim: beside the program where it was published for Linux, else in the folder for Linux.</summary>
    public static string Shim
    {
        get
        {
            const string name = "libLibTorchSharp.so";
            var beside = Path.Combine(AppContext.BaseDirectory, name);
            return File.Exists(beside) ? beside : Path.Combine(AppContext.BaseDirectory, "runtimes", "linux-x64", "native", name);
        }
    }

    /// <summary>Names of symbols, and lines about libraries and versions that are not found.</summary>
    /// <param name="library">The library's file.</param>
    public static List<string> Missing(string library)
    {
        var ldd = Tool.Run("ldd", ["-r", library]);
        return Missing((ldd.Output + ldd.Errors).Split('\n'));
    }

    // A version that is asked for weakly is one that TorchSharp's shim can do without (eng/WeakenSymbolVersion.cs).
    private static List<string> Missing(string[] lines) =>
    [
        .. lines.Where(l => l.StartsWith("undefined symbol", StringComparison.Ordinal))
            .Select(l => l.Split(['\t', ' '], StringSplitOptions.RemoveEmptyEntries)[2]),
        .. lines.Where(l => l.Contains("not found", StringComparison.Ordinal)
            && !l.Contains("weak version", StringComparison.Ordinal)).Select(l => l.Trim()),
    ];
}
