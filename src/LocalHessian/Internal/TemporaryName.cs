using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace LocalHessian.Internal;

/// <summary>
/// The name under which a file is written: that of the target, the machine and process that write it, a number drawn anew
/// each time. So another process can tell whether the writer still lives, without touching the file: locks would also hold
/// off readers of the target, once the file has been renamed.
/// </summary>
internal static class TemporaryName
{
    private const string Suffix = ".tmp";
    private const int Part = 8;

    /// <summary>After so long a file of a machine that cannot be asked counts as abandoned.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(1);

    private static readonly string Machine = Hash(MachineName());

    public static string For(string target) => string.Create(CultureInfo.InvariantCulture,
        $"{target}.{Machine}{Environment.ProcessId:x8}{Guid.NewGuid().ToString("N")[..(2 * Part)]}{Suffix}");

    /// <summary>Deletes what processes that have ended left of the target.</summary>
    public static void RemoveAbandoned(string target)
    {
        var (folder, name) = (Path.GetDirectoryName(target)!, Path.GetFileName(target));
        if (!Directory.Exists(folder)) return;
        foreach (var file in Directory.EnumerateFiles(folder)
            .Where(f => IsTemporaryOf(Path.GetFileName(f), name) && IsAbandoned(f, Path.GetFileName(f)[(name.Length + 1)..])))
        {
            // Another process may be tidying up too, and a folder that may be read need not be one to delete in: then the
            // file stays.
            try { File.Delete(file); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        }
    }

    private static bool IsTemporaryOf(string file, string target) =>
        file.Length == target.Length + 1 + 4 * Part + Suffix.Length
        && file.StartsWith(target + ".", StringComparison.Ordinal) && file.EndsWith(Suffix, StringComparison.Ordinal)
        && Guid.TryParseExact(file.AsSpan(target.Length + 1, 4 * Part), "N", out _);

    private static bool IsAbandoned(string path, string unique) =>
        (unique.StartsWith(Machine, StringComparison.Ordinal)
            && !IsRunning(uint.Parse(unique.AsSpan(Part, Part), NumberStyles.HexNumber, CultureInfo.InvariantCulture)))
        || DateTime.UtcNow - File.GetLastWriteTimeUtc(path) > Patience;

    private static bool IsRunning(uint id)
    {
        if (id is 0 or > int.MaxValue) return false;
        try
        {
            using var process = Process.GetProcessById((int)id);
            return true;
        }
        catch (ArgumentException) // the way in which the runtime says no
        {
            return false;
        }
    }

    // Process numbers mean something within one start of one machine and, with containers, one space of numbers.
    private static string MachineName()
    {
        const string start = "/proc/sys/kernel/random/boot_id", space = "/proc/self/ns/pid";
        return OperatingSystem.IsLinux() && File.Exists(start) ? File.ReadAllText(start) + new FileInfo(space).LinkTarget
            : Environment.MachineName;
    }

    private static string Hash(string text) =>
        Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..Part].ToLowerInvariant();
}
