using System.Text.Json;
using LocalHessian.Tests.Cases;

namespace GpuCheck.Tests;

/// <summary>
/// The folder that is taken to a machine with a GPU, made from a clean clone and run here as on a machine without SDK.
/// </summary>
[Trait("Category", "Slow")]
public class FolderTests
{
    private const long MostBytes = 60_000_000;

    /// <summary>What the other machine is asked to have.</summary>
    private static readonly string[] Programs = ["sh", "bash", "dirname", "ldd", "cat"];

    [LinuxFact("git", "dotnet", "g++")]
    public void From_a_clean_clone_it_runs_on_the_CPU_and_on_the_lazy_device()
    {
        using var folder = new TemporaryFolder();
        string clone = folder.File("clone"), built = folder.File("check"), bin = folder.File("bin");
        Tool.Run("git", ["clone", "--quiet", Repository.Root, clone]).Completed();
        Tool.Run(
            "env", ["-u", "MSBuildSDKsPath", "-u", "MSBuildExtensionsPath", Path.Combine(clone, "eng", "gpu-check.sh"), built])
            .Completed();
        Directory.Delete(clone, recursive: true);
        new FileInfo(built + ".tar.xz").Length.Should().BeLessThan(MostBytes);
        Directory.Delete(built, recursive: true);
        Tool.Run("tar", ["-C", folder.Path, "-xJf", built + ".tar.xz"]).Completed();

        Directory.CreateDirectory(bin);
        foreach (var program in Programs) File.CreateSymbolicLink(Path.Combine(bin, program), Which(program));
        foreach (var device in new[] { "cpu", "lazy" })
        {
            var report = folder.File(device);
            var check = Tool.Run(
                "env",
                [
                    "-i", $"PATH={bin}", Path.Combine(built, "gpu-check"), "--device", device, "--out", report,
                    "--libtorch", Path.GetDirectoryName(Symbols.Shim)!,
                ]);
            check.ExitCode.Should().Be(0, check.Output + check.Errors);
            var items = JsonDocument.Parse(File.ReadAllText(Path.Combine(report, "gpu-report.json"))).RootElement
                .GetProperty("items").EnumerateArray().Select(i => i.GetProperty("state").GetString()).ToList();
            items.Should().HaveCountGreaterThan(5).And.NotContain("failed");
        }
    }

    private static string Which(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Select(f => Path.Combine(f, program)).First(File.Exists);
}
