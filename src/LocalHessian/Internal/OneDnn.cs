using System.Runtime.InteropServices;

namespace LocalHessian.Internal;

/// <summary>
/// libtorch's switch for oneDNN, which TorchSharp does not hand out. libtorch 2.10's gradient of a float32 convolution by
/// oneDNN reads memory that nobody has written where the channels do not fill a vector register: where that held NaN,
/// as the halves of float64 numbers may, the gradient is NaN. Its own kernels do not.
/// </summary>
internal static class OneDnn
{
    private const string Library = "libtorch_cpu.so", Global = "_ZN2at13globalContextEv",
        Get = "_ZNK2at7Context17userEnabledMkldnnEv", Set = "_ZN2at7Context20setUserEnabledMkldnnEb",
        GetNext = "_ZNK2at7Context17userEnabledNNPACKEv", SetNext = "_ZN2at7Context20setUserEnabledNNPACKEb";
    private static readonly object Gate = new();
    private static readonly Switch? Found = Find();

    /// <summary>
    /// What a function gives without oneDNN; false where it was off, or cannot be switched: on other systems than Linux.
    /// </summary>
    public static bool TryWithout<T>(Func<T> function, out T? result)
    {
        result = default;
        if (Found is not { } found) return false;
        lock (Gate)
        {
            if (found.Read(found.Context) == 0) return false;
            // NNPACK would be asked next, and complains of many a processor on standard error.
            var next = found.ReadNext(found.Context);
            found.Write(found.Context, 0);
            found.WriteNext(found.Context, 0);
            try
            {
                result = function();
            }
            finally
            {
                found.Write(found.Context, 1);
                found.WriteNext(found.Context, next);
            }
        }

        return true;
    }

    private static Switch? Find() =>
        OperatingSystem.IsLinux() && NativeLibrary.TryLoad(Library, typeof(torch).Assembly, null, out var library)
        && Export<ContextOf>(library, Global) is { } context && Export<Reader>(library, Get) is { } read
        && Export<Writer>(library, Set) is { } write
        && Export<Reader>(library, GetNext) is { } readNext && Export<Writer>(library, SetNext) is { } writeNext
            ? new(context(), read, write, readNext, writeNext) : null;

    private static T? Export<T>(nint library, string name) where T : Delegate =>
        NativeLibrary.TryGetExport(library, name, out var address) ? Marshal.GetDelegateForFunctionPointer<T>(address) : null;

    private sealed record Switch(nint Context, Reader Read, Writer Write, Reader ReadNext, Writer WriteNext);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate nint ContextOf();

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate byte Reader(nint context);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void Writer(nint context, byte enabled);
}
