using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Devices;

/// <summary>What libtorch is asked for, counted by name. The counter is a C++ file that is compiled here, once, by the system's
/// compiler.</summary>
internal static class Operations
{
    private const string Source = "operations.cpp", Compiler = "g++";
    private static readonly Lazy<nint> Counter = new(Build);

    /// <summary>Why nothing can be counted; null where it can.</summary>
    public static string? Missing { get; } = Why();

    /// <summary>The operations that an action asks for: those it calls itself, and those that these call in turn.</summary>
    public static (Dictionary<string, long> Own, Dictionary<string, long> All) Of(Action action)
    {
        Function<Action>("operations_start")();
        try
        {
            action();
        }
        finally
        {
            s_text = Stop();
        }

        var parts = s_text.Split("\n\n");
        return (Parse(parts[0]), Parse(parts[1]));
    }

    /// <summary>Those of them that wait for the device: what is read, and what is copied between it and the host.</summary>
    /// <remarks>
    /// Copies show as conversions with all of dtype, layout and device; within a device they show as conversions of the
    /// dtype. What <c>copy_</c> copies from does not show.
    /// </remarks>
    public static Dictionary<string, long> Waits(Dictionary<string, long> operations) =>
        operations.Where(o => Waiting.Contains(o.Key)).ToDictionary();

    private static readonly HashSet<string> Waiting =
    [
        "aten::item", "aten::equal", "aten::allclose", "aten::is_nonzero", "aten::_local_scalar_dense", "aten::nonzero",
        "aten::masked_select",
        "aten::unique", "aten::to.dtype_layout", "aten::to.device", "aten::_to_copy", "aten::_to_cpu",
    ];

    /// <summary>Those that launch work: views of a tensor's memory are made by the host alone.</summary>
    public static Dictionary<string, long> Launches(Dictionary<string, long> operations) =>
        operations.Where(o => !Views.Contains(o.Key.Split('.')[0])).ToDictionary();

    private static readonly HashSet<string> Views =
    [
        "aten::as_strided", "aten::narrow", "aten::slice", "aten::select", "aten::view", "aten::unbind", "aten::alias",
        "aten::detach", "aten::expand", "aten::t",
    ];

    /// <summary>From now on what is drawn on the lazy device is evaluated at once, and so stays what it is.</summary>
    public static void KeepDraws() => Function<Action>("operations_keep_draws")();

    /// <summary>Evaluates all that is recorded on the lazy device.</summary>
    public static void Evaluate() => Function<Action>("operations_evaluate")();

    private static string s_text = "";

    private static string Stop()
    {
        var buffer = new byte[1 << 16];
        var length = Function<StopFunction>("operations_stop")(buffer, buffer.Length);
        return length < buffer.Length ? Encoding.UTF8.GetString(buffer, 0, length)
            : throw new InvalidOperationException($"{length} bytes of names.");
    }

    private static Dictionary<string, long> Parse(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        .Select(line => (Line: line, Space: line.LastIndexOf(' ')))
        .ToDictionary(p => p.Line[..p.Space], p => long.Parse(p.Line.AsSpan(p.Space + 1),
            System.Globalization.CultureInfo.InvariantCulture));

    private static T Function<T>(string name) where T : Delegate =>
        Marshal.GetDelegateForFunctionPointer<T>(NativeLibrary.GetExport(Counter.Value, name));

    private static string? Why()
    {
        if (!OperatingSystem.IsLinux()) return "Operations are counted on Linux only.";
        if (File.Exists(Ready)) return null;
        var paths = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        return paths.Any(p => File.Exists(Path.Combine(p, Compiler))) ? null
            : $"There is no {Compiler} to build the counter of operations with.";
    }

    // A folder for machines without a compiler has it ready made.
    private static string Ready => Path.Combine(AppContext.BaseDirectory, "liboperations.so");

    private static nint Build()
    {
        zeros(1, device: CPU).Dispose(); // loads libtorch, so that the counter finds the same
        var library = File.Exists(Ready) ? Ready : Compile();
        var handle = NativeLibrary.Load(library);
        Marshal.GetDelegateForFunctionPointer<Action>(NativeLibrary.GetExport(handle, "operations_watch"))();
        return handle;
    }

    private static string Compile()
    {
        var target = Path.Combine(Directory.CreateTempSubdirectory("operations").FullName, "liboperations.so");
        var start = new ProcessStartInfo(Compiler) { RedirectStandardError = true };
        foreach (var argument in new[]
        {
            "-std=c++17", "-O1", "-shared", "-fPIC", "-o", target, Path.Combine(AppContext.BaseDirectory, Source), "-L"
                + LibTorch(), "-ltorch_cpu", "-lc10",
            "-Wl,-rpath," + LibTorch(),
        }) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? target : throw new InvalidOperationException($"The counter does not compile:\n{errors}");
    }

    // Where the libtorch that is in use lies.
    private static string LibTorch() => Path.GetDirectoryName(File.ReadLines("/proc/self/maps").Select(l =>
        l[(l.IndexOf('/') is var i and >= 0 ? i : l.Length)..])
        .First(p => p.EndsWith("/libtorch_cpu.so", StringComparison.Ordinal)))!;

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate int StopFunction([Out] byte[] buffer, int size);
}
