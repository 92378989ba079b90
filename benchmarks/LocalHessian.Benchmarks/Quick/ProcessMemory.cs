using System.Globalization;
using System.Runtime.InteropServices;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>Resident memory of this process from Linux's accounts; elsewhere there is none that can be reset.</summary>
internal static class ProcessMemory
{
    private const string Status = "/proc/self/status", ClearReferences = "/proc/self/clear_refs";

    public static bool IsKnown => File.Exists(Status) && File.Exists(ClearReferences);

    /// <summary>
    /// Bytes now, garbage collected, the collector's spare regions, of 4 MB each, and the C library's free memory given back.
    /// </summary>
    public static long Now()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        if (NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "malloc_trim", out var trim))
            Marshal.GetDelegateForFunctionPointer<Trim>(trim)(0);
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

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Trim(nuint keep);

    private static long Read(string field) => 1024 * long.Parse(
        File.ReadLines(Status).First(line => line.StartsWith(field, StringComparison.Ordinal))[field.Length..].Replace("kB", "",
            StringComparison.Ordinal).Trim(),
        CultureInfo.InvariantCulture);
}
