namespace LocalHessian.Tests.Cases;

/// <summary>A test of what holds on the CPU alone; visibly skipped on other devices.</summary>
public sealed class CpuFactAttribute : FactAttribute
{
    public CpuFactAttribute() => Skip = TestDevice.SkipUnlessCpu;
}

/// <summary>The same with cases.</summary>
public sealed class CpuTheoryAttribute : TheoryAttribute
{
    public CpuTheoryAttribute() => Skip = TestDevice.SkipUnlessCpu;
}

/// <summary>A test of how memory is asked for on Linux.</summary>
public sealed class LinuxMemoryFactAttribute : FactAttribute
{
    public LinuxMemoryFactAttribute() => Skip = TestDevice.SkipUnlessCpu
        ?? (Directory.Exists("/sys/kernel/mm/transparent_hugepage") ? null : "Not Linux, or a kernel without huge pages.");
}

/// <summary>A test of libtorch's switch for oneDNN.</summary>
public sealed class OneDnnFactAttribute : FactAttribute
{
    public OneDnnFactAttribute() => Skip = TestDevice.SkipUnlessCpu
        ?? (Threads.OneDnnCanBeSwitched ? null : "libtorch does not export its switch for oneDNN here.");
}
