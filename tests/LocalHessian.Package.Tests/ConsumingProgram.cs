using System.Globalization;
using System.Text.Json;

namespace LocalHessian.Package.Tests;

/// <summary>A program in a temporary folder.</summary>
public sealed class ConsumingProgram(string folder, IReadOnlyDictionary<string, string> variables)
{
    public string File(params IEnumerable<string> path) => Path.Combine([folder, .. path]);

    /// <summary>Runs a command of the SDK in the program's folder: its output, or an error with it.</summary>
    public string Run(params IEnumerable<string> arguments) => Dotnet.Run(folder, variables, arguments);

    /// <summary>What its training wrote: thirty losses, the last less than half of the first.</summary>
    public static void ShouldHaveTrained(string output)
    {
        var losses = output.Split('\n').Where(l => l.StartsWith("loss ", StringComparison.Ordinal))
            .Select(l => double.Parse(l[5..], CultureInfo.InvariantCulture)).ToList();
        losses.Should().HaveCount(30).And.OnlyContain(l => double.IsFinite(l));
        losses[^1].Should().BeLessThan(losses[0] / 2);
    }

    /// <summary>The same, and after it a report of the trained network as JSON.</summary>
    public static void ShouldHaveTrainedAndReported(string output)
    {
        ShouldHaveTrained(output);
        using var report = JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        report.RootElement.GetProperty("blocks").GetArrayLength().Should().Be(2);
    }
}
