using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace LocalHessian.Tests;

/// <summary>What every test process changes of libtorch before its first test.</summary>
internal static class Threads
{
    private const string Library = "libtorch_cpu.so";
    private const string Context = "_ZN2at13globalContextEv", Enable = "_ZN2at7Context20setUserEnabledMkldnnEb",
        Enabled = "_ZNK2at7Context17userEnabledMkldnnEv";

    // The tests' tensors are tiny: more threads only wait for one another, and a busy machine makes that wait long.
    [ModuleInitializer]
    internal static void Single()
    {
        torch.set_num_threads(1);
        if (OneDnnCanBeSwitched) UsesOneDnn = false;
    }

    /// <summary>Whether <see cref="UsesOneDnn"/> is there: on Linux, with a libtorch that exports the switch.</summary>
    internal static bool OneDnnCanBeSwitched { get; } = OperatingSystem.IsLinux()
        && NativeLibrary.TryLoad(Library, typeof(torch).Assembly, null, out var library)
        && new[] { Context, Enable, Enabled }.All(name => NativeLibrary.TryGetExport(library, name, out _));

    /// <summary>
    /// libtorch 2.10's gradient of a float32 convolution with respect to its input reads memory that nobody has written where
    /// the output channels do not fill a vector register: after a test about NaN it is NaN (docs/reliability.md). libtorch's
    /// own kernels, taken without oneDNN, do not.
    /// </summary>
    internal static bool UsesOneDnn
    {
        get => UserEnabledMkldnn(GlobalContext());
        set => SetUserEnabledMkldnn(GlobalContext(), value);
    }

    [DllImport(Library, EntryPoint = Context),
        DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern nint GlobalContext();

    [DllImport(Library, EntryPoint = Enable),
        DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    private static extern void SetUserEnabledMkldnn(nint context, [MarshalAs(UnmanagedType.U1)] bool enabled);

    [DllImport(Library, EntryPoint = Enabled),
        DefaultDllImportSearchPaths(DllImportSearchPath.AssemblyDirectory | DllImportSearchPath.SafeDirectories)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static extern bool UserEnabledMkldnn(nint context);
}
