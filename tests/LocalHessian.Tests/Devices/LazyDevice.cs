using System.Runtime.InteropServices;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Devices;

/// <summary>
/// libtorch's lazy device, which the CPU package contains: its tensors record operations and evaluate them on demand. It is
/// not the CPU to anyone who asks, mixing its tensors with the CPU's throws, and so does reading their memory: what CUDA
/// would choke on shows without a GPU.
/// </summary>
/// <remarks>
/// Its own faults: tensors drawn on it are drawn anew at each read (draw on the CPU and move), <c>Tensor.split</c> returns
/// CPU tensors, <c>affine_grid</c> and <c>Module.load</c> fail.
/// </remarks>
internal static class LazyDevice
{
    private const string Library = "libtorch_cpu.so", StartBackend = "_ZN5torch4lazy22InitTorchScriptBackendEv",
        Executor = "_ZN5torch4lazy17LazyGraphExecutor3GetEv",
        SyncLiveTensors = "_ZN5torch4lazy17LazyGraphExecutor20SyncLiveTensorsGraphEPKNS0_13BackendDeviceEN3c108ArrayRef"
            + "INSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEEEEEb";
    private static readonly Lock Gate = new();
    private static bool s_started;

    /// <summary>Why the device cannot be had; null where it can.</summary>
    public static string? Missing { get; } = Why();

    /// <summary>The device; starts it at the first call.</summary>
    public static Device Start(bool drawsStay = false)
    {
        lock (Gate)
        {
            if (Missing is not null) throw new NotSupportedException(Missing);
            if (!s_started)
            {
                zeros(1, device: CPU).Dispose(); // the library has to be loaded first
                InitTorchScriptBackend();
                s_started = true;
            }

            if (drawsStay) Operations.KeepDraws();
            return new Device((DeviceType)17, 0);
        }
    }

    /// <summary>
    /// Evaluates all that is recorded: the same step recorded again is then compiled once, and not as one long graph of all
    /// steps. Nothing where libtorch does not export it.
    /// </summary>
    public static void Evaluate()
    {
        if (s_started && CanEvaluate.Value) SyncLiveTensorsGraph(GetExecutor(), 0, 0, 0, wait: true);
    }

    private static readonly Lazy<bool> CanEvaluate = new(() =>
        NativeLibrary.TryLoad(Library, typeof(torch).Assembly, null, out var library)
        && NativeLibrary.TryGetExport(library, Executor, out _) && NativeLibrary.TryGetExport(library, SyncLiveTensors, out _));

    private static string? Why()
    {
        if (!OperatingSystem.IsLinux()) return "The lazy device is started by a name that libtorch exports on Linux only.";
        zeros(1, device: CPU).Dispose();
        return NativeLibrary.TryLoad(Library, typeof(torch).Assembly, null, out var library)
            && NativeLibrary.TryGetExport(library, StartBackend, out _)
            ? null
            : $"{Library} exports no {StartBackend}: this libtorch has no lazy device.";
    }

    [DllImport(Library, EntryPoint = StartBackend),
        DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern void InitTorchScriptBackend();

    [DllImport(Library, EntryPoint = Executor),
        DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern nint GetExecutor();

    [DllImport(Library, EntryPoint = SyncLiveTensors),
        DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern void SyncLiveTensorsGraph(nint executor, nint device, nint names, nint count,
        [MarshalAs(UnmanagedType.U1)] bool wait);
}
