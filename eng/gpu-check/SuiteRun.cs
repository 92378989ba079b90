using System.Text;
using System.Text.Json;
using LocalHessian.Tests.Cases;

namespace GpuCheck;

/// <summary>The suite on a device, each class in a process of its own: one that ends hides nothing but its own rest.</summary>
internal static class SuiteRun
{
    private const string Slow = "lazy", Comparing = "Devices.";
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10), SlowLimit = TimeSpan.FromMinutes(2);

    /// <param name="part">What the names of the classes begin with.</param>
    /// <param name="device">Where they run.</param>
    public static List<ClassResult> Of(string part, string device)
    {
        var variables = new Dictionary<string, string> { [TestDevice.Variable] = device };
        var classes = Tool.Run("GpuCheck", ["suite", "--list"]).Completed().Output
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(c => c.StartsWith(part, StringComparison.Ordinal)
                && (device != Slow || !c.StartsWith(Comparing, StringComparison.Ordinal)));
        return [.. classes.Select(name => Class(name, variables))];
    }

    /// <summary>The results as a table.</summary>
    public static string Table(IEnumerable<ClassResult> results)
    {
        var text = new StringBuilder(
            "| class | passed | skipped | not, by a fault of the device's own | failed |\n|---|---|---|---|---|\n");
        foreach (var r in results)
        {
            var faults = string.Join("; ", r.Known.GroupBy(k => k.Value).Select(g => $"{g.Count()}: {g.Key}"));
            text.Append($"| {r.Class} | {r.Passed} | {r.Skipped.Values.Sum()} | {faults} | {r.Failures.Count} |\n");
        }

        return text.ToString();
    }

    private static ClassResult Class(string name, Dictionary<string, string> variables)
    {
        Console.Error.WriteLine($"  {name}");
        var slow = variables[TestDevice.Variable] == Slow;
        var tool = Tool.Run("GpuCheck", ["suite", name], variables, limit: slow ? SlowLimit : Limit);
        var result = tool.LastLine.StartsWith('{') ? JsonSerializer.Deserialize<ClassResult>(tool.LastLine)! with
        {
            Seconds = tool.Seconds,
        } : new(name, 0, [$"{name}: {tool.Complaint}"], new Dictionary<string, string>(), new Dictionary<string, int>());
        if (result.Running is not { } running) return result;
        // Each new graph is compiled: what trains, or goes through a matrix by columns, takes minutes for the CPU's seconds.
        var late = $"ended after {SlowLimit.TotalMinutes:0} minutes";
        return slow && tool.WasEnded
            ? result with { Known = new Dictionary<string, string>(result.Known) { [running] = late } }
            : result with { Failures = [.. result.Failures, $"{running}: {tool.Complaint}"] };
    }
}
