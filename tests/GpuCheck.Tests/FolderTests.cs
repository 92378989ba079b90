using System.Diagnostics;
using System.Text.Json;

namespace LocalHessian.Package.Tests;

/// <summary>The folder that is taken to a machine with a GPU, made from a clean clone and run here.</summary>
[Trait("Category", "Slow")]
public sealed class GpuCheckTests : IDisposable
{
    private const long MostBytes = 60_000_000;
    private readonly string _folder = Directory.CreateTempSubdirectory("gpu-check").FullName;

    [Fact]
    public void From_a_clean_clone_it_runs_on_the_CPU_and_on_the_lazy_device()
    {
        if (!OperatingSystem.IsLinux()) return;
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "LocalHessian.sln"))) root = Path.GetDirectoryName(root)!;
        string clone = Path.Combine(_folder, "clone"), built = Path.Combine(_folder, "check");
        Run("git", "clone", "--quiet", root, clone).Code.Should().Be(0);
        var build = Run(Path.Combine(clone, "eng", "gpu-check.sh"), built);
        build.Code.Should().Be(0, build.Text);
        Directory.Delete(clone, recursive: true);
        new FileInfo(built + ".tar.xz").Length.Should().BeLessThan(MostBytes);

        foreach (var device in new[] { "cpu", "lazy" })
        {
            var report = Path.Combine(_folder, device);
            var check = Run(Path.Combine(built, "gpu-check"), "--device", device, "--quick", "--out", report, "--libtorch", LibTorch());
            check.Code.Should().Be(0, check.Text);
            var items = JsonDocument.Parse(File.ReadAllText(Path.Combine(report, "gpu-report.json"))).RootElement.GetProperty("items").EnumerateArray().ToList();
            items.Should().HaveCountGreaterThan(4).And.OnlyContain(i => i.GetProperty("state").GetString() != "failed");
            File.ReadAllText(Path.Combine(report, "gpu-report.md")).Should().Contain("| what | result | numbers |");
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    // The libraries of the CPU package, in place of a PyTorch installation's.
    private static string LibTorch()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Path.GetDirectoryName(Directory.GetFiles(Path.Combine(cache, "libtorch-cpu-linux-x64"), "libtorch_cpu.so", SearchOption.AllDirectories)[0])!;
    }

    private static (int Code, string Text) Run(string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("MSBuild", StringComparison.OrdinalIgnoreCase)).ToList()) start.Environment.Remove(name);
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var text = process.StandardOutput.ReadToEnd() + errors.Result;
        process.WaitForExit();
        return (process.ExitCode, text);
    }
}
