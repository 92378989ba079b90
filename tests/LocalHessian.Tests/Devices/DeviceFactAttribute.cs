using LocalHessian.Tests.Cases;

namespace LocalHessian.Tests.Devices;

/// <summary>
/// A test that compares another device with the CPU: CUDA where the tests run there, else the lazy device, and visibly skipped
/// where libtorch has none.
/// </summary>
public sealed class DeviceFactAttribute : FactAttribute
{
    public DeviceFactAttribute() => Skip = Why;

    internal static string? Why => TestDevice.Name is "cpu" or "lazy" ? LazyDevice.Missing : null;
}

/// <summary>The same with cases.</summary>
public sealed class DeviceTheoryAttribute : TheoryAttribute
{
    public DeviceTheoryAttribute() => Skip = DeviceFactAttribute.Why;
}

/// <summary>A test that compiles a stand-in with the system's C compiler; visibly skipped without one.</summary>
public sealed class CompiledFactAttribute : FactAttribute
{
    private const string Compiler = "gcc";

    public CompiledFactAttribute()
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        var has = OperatingSystem.IsLinux() && folders.Any(f => File.Exists(Path.Combine(f, Compiler)));
        Skip = has ? null : $"There is no {Compiler} to build the stand-in with.";
    }
}

/// <summary>A test that counts operations; visibly skipped without a C++ compiler too.</summary>
public sealed class CountedFactAttribute : FactAttribute
{
    public CountedFactAttribute() => Skip = DeviceFactAttribute.Why ?? Operations.Missing;
}

/// <summary>The same with cases.</summary>
public sealed class CountedTheoryAttribute : TheoryAttribute
{
    public CountedTheoryAttribute() => Skip = DeviceFactAttribute.Why ?? Operations.Missing;
}
