using System.Globalization;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>Resident memory of this process from Linux's accounts; elsewhere there is none that can be reset.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status", ClearReferences = "/proc/self/clear_refs";

    public static bool IsKnown => File.Exists(Status) && File.Exists(ClearReferences);

    /// <summary>Bytes now, garbage collected and the collector's spare regions, of 4 MB each, given back.</summary>
    public static long Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        return Read("VmRSS:");
    }

    /// <summary>The greatest number of bytes while the action ran, above those before.</summary>
    public static long PeakOf(Action action)
    {
        var before = Now();
        File.WriteAllText(ClearReferences, "5"); // resets the peak
        action();
        return Math.Max(0, Read("VmHWM:") - before);
    }

    private static long Read(string field) => 1024 * long.Parse(
        File.ReadLines(Status).First(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..].Replace("kB", "",
            StringComparison.Ordinal).Trim(),
        CultureInfo.InvariantCulture);
}
