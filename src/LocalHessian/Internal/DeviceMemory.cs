using System.Runtime.InteropServices;

namespace LocalHessian.Internal;

/// <summary>How much memory a CUDA device has, which TorchSharp does not tell: asked of the driver.</summary>
internal static class DeviceMemory
{
    private const int Success = 0;

    /// <summary>All memory of the device in bytes; null where it is not CUDA or the driver does not say.</summary>
    public static long? Total(Device device) => device.type != DeviceType.CUDA ? null
        : Total(OperatingSystem.IsWindows() ? "nvcuda.dll" : "libcuda.so.1", Math.Max(0, device.index));

    /// <param name="driver">The driver's library.</param>
    /// <param name="ordinal">Number of the device.</param>
    internal static long? Total(string driver, int ordinal)
    {
        if (!NativeLibrary.TryLoad(driver, out var library)) return null;
        return Find<Initialise>(library, "cuInit") is { } initialise && Find<Get>(library, "cuDeviceGet") is { } get
            && Find<TotalMemory>(library, "cuDeviceTotalMem_v2") is { } total
            && initialise(0) == Success && get(out var handle, ordinal) == Success && total(out var bytes, handle) == Success
            ? checked((long)bytes)
            : null;
    }

    private static T? Find<T>(nint library, string name) where T : Delegate =>
        NativeLibrary.TryGetExport(library, name, out var address) ? Marshal.GetDelegateForFunctionPointer<T>(address) : null;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Initialise(uint flags);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int Get(out int device, int ordinal);

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int TotalMemory(out nuint bytes, int device);
}
