using System.Runtime.CompilerServices;
using LocalHessian.Tests.Devices;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Cases;

/// <summary>
/// The device that the tests run on: the CPU, or what the environment variable names, <c>lazy</c>, <c>cuda</c> or
/// <c>cuda:1</c>. It becomes the default device, on which factories and modules that name none make their tensors.
/// </summary>
public static class TestDevice
{
    public const string Variable = "LOCALHESSIAN_TEST_DEVICE";

    public static string Name { get; } = Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } name ? name : "cpu";

    public static Device Current { get; private set; } = CPU;

    public static bool IsCpu => Name == "cpu";

    /// <summary>Why a test that is about the CPU is skipped; null where it runs.</summary>
    public static string? SkipUnlessCpu => IsCpu ? null
        : $"A test of the CPU's own path, or of a particular draw; the tests run on {Name}.";

    [ModuleInitializer]
    internal static void Choose()
    {
        if (IsCpu) return;
        Current = Name == "lazy" ? LazyDevice.Start(drawsStay: true) : new Device(Name);
        set_default_device(Current);
        // else a network's own passes differ by 1e-3
        (backends.cuda.matmul.allow_tf32, backends.cudnn.allow_tf32) = (false, false);
    }

    /// <summary>Makes the CPU the default device until disposed: for what is drawn, and then moved.</summary>
    public static IDisposable OnCpu() => Default(CPU);

    /// <summary>Makes a device the default until disposed.</summary>
    public static IDisposable Default(Device device) => new DefaultScope(device);

    private sealed class DefaultScope : IDisposable
    {
        private readonly Device _before = get_default_device();

        public DefaultScope(Device device) => set_default_device(device);

        public void Dispose() => set_default_device(_before);
    }
}
