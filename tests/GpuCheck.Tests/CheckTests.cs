using System.Text.Json;
using LocalHessian.Tests.Cases;

namespace GpuCheck.Tests;

/// <summary>The check as it runs in its folder, here from the folder of this test.</summary>
public class CheckTests
{
    [LinuxFact]
    public void On_the_CPU_it_runs_to_its_end_and_reports()
    {
        using var folder = new TemporaryFolder();

        var check = Tool.Run("GpuCheck", ["--device", "cpu", "--quick", "--out", folder.Path]);

        check.ExitCode.Should().Be(0, check.Output + check.Errors);
        var report = JsonDocument.Parse(File.ReadAllText(folder.File("gpu-report.json"))).RootElement;
        report.GetProperty("items").EnumerateArray().Select(i => i.GetProperty("state").GetString())
            .Should().HaveCountGreaterThan(4).And.OnlyContain(s => s == "passed");
        File.ReadAllText(folder.File("gpu-report.md")).Should().Contain("| what | result | numbers |");
    }

    [LinuxFact]
    public void What_it_does_not_know_is_refused_in_a_sentence()
    {
        var check = Tool.Run("GpuCheck", ["--device", "tpu"]);
        check.ExitCode.Should().Be(2);
        check.Errors.Should().Be("--device: 'tpu' is none of cpu, lazy, cuda, cuda:1.\n");
    }

    [LinuxFact]
    public void A_class_whose_process_ends_early_is_a_failure_that_names_it_and_hides_no_other()
    {
        var results = SuiteRun.Of("Internal.", "no such device");

        results.Should().HaveCountGreaterThan(1).And.OnlyContain(r => r.Failures.Count > 0);
        foreach (var result in results) result.Failures[0].Should().StartWith(result.Class).And.Contain("NO SUCH DEVICE");
    }
}
