using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace LocalHessian.Internal;

/// <summary>
/// What the system's allocator does with large blocks on Linux. A page that is given back and asked for again costs a page
/// fault, which the kernel answers by clearing it: for products with a network's Hessian half of the time.
/// </summary>
internal static class NativeHeap
{
    private const int HugePages = 14; // MADV_HUGEPAGE
    private const long HugePage = 2 << 20;
    private static int s_kept;

    /// <summary>
    /// Lets glibc keep freed memory, up to 256 MB, for what is allocated next, unless MALLOC_TRIM_THRESHOLD_ says otherwise.
    /// </summary>
    public static void KeepFreed()
    {
        const int TrimThreshold = -1, MapThreshold = -3; // of mallopt
        if (!OperatingSystem.IsLinux() || Interlocked.Exchange(ref s_kept, 1) == 1
            || Environment.GetEnvironmentVariable("MALLOC_TRIM_THRESHOLD_") is not null
            || !NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "mallopt", out var mallopt)) return;
        var set = Marshal.GetDelegateForFunctionPointer<Set>(mallopt);
        set(TrimThreshold, 256 << 20);
        set(MapThreshold, 32 << 20); // the most there is: what is larger comes from the kernel and goes back to it
    }

    /// <summary>
    /// Asks for a large tensor's memory, not yet written to, in pages of 2 MB instead of 4 kB. It is advice, which a kernel may
    /// leave aside.
    /// </summary>
    public static void PreferHugePages(Tensor t)
    {
        var bytes = t.numel() * t.element_size();
        if (!OperatingSystem.IsLinux() || t.device_type != DeviceType.CPU || bytes < 2 * HugePage) return;
        if (!NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "madvise", out var madvise)) return;
        // The whole pages between its first and its last byte.
        var start = AddressOf(t);
        var first = (start + HugePage - 1) / HugePage * HugePage;
        var end = (start + bytes) / HugePage * HugePage;
        Marshal.GetDelegateForFunctionPointer<Advise>(madvise)((nint)first, (nuint)(end - first), HugePages);
    }

    private static long AddressOf(Tensor t)
    {
        using var first = t.view(-1).narrow(0, 0, 1);
        return Unsafe.ByteOffset(ref Unsafe.NullRef<byte>(), ref MemoryMarshal.GetReference(first.bytes));
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Advise(nint start, nuint length, int advice);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Set(int parameter, int value);
}
