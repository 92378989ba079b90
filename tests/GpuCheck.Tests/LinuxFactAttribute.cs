namespace GpuCheck.Tests;

/// <summary>A test for Linux, where the folder is built; visibly skipped elsewhere and without a program that it needs.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class LinuxFactAttribute : FactAttribute
{
    public LinuxFactAttribute(params string[] programs)
    {
        var folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator);
        Skip = !OperatingSystem.IsLinux() ? "gpu-check is built for Linux."
            : Array.Find(programs, p => !folders.Any(f => File.Exists(Path.Combine(f, p)))) is { } missing
                ? $"There is no {missing}."
            : null;
    }
}
