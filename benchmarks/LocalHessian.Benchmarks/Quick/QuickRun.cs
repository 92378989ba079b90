using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>
/// Measures every row, prints them as a table and, last, as one line of JSON. Of several rows each has a process of its own:
/// what a row leaves in the heap would else decide whether the next one's temporaries cost page faults.
/// </summary>
internal static class QuickRun
{
    private static readonly Row[] Rows = [.. StepRows.All, .. MemoryRows.All, .. SampleRows.All, .. AnalysisRows.All,
        .. CurvatureRows.All, .. MeasuredRows.All];

    /// <summary>All rows, or those whose keys are named. 2 for a key that there is not.</summary>
    public static int Run(IReadOnlyList<string> keys)
    {
        if (keys.FirstOrDefault(key => Rows.All(row => row.Key != key)) is { } unknown)
        {
            Console.Error.WriteLine($"There is no row '{unknown}'; there are {string.Join(", ", Rows.Select(row => row.Key))}.");
            return 2;
        }

        var table = new Table().Border(TableBorder.Markdown).AddColumns("what", "against", "limit", "measured");
        var json = new JsonObject();
        var clock = Stopwatch.StartNew();
        foreach (var row in Rows.Where(row => keys.Count == 0 || keys.Contains(row.Key)))
        {
            if (keys.Count != 1) Console.Error.WriteLine($"{clock.Elapsed.TotalSeconds,4:f0} s  {row.Key}");
            var value = keys.Count == 1 ? row.Measure() : MeasureAlone(row);
            json[row.Key] = double.IsFinite(value) ? Math.Round(value, 4) : null;
            table.AddRow(row.What, row.Against,
                $"{(row.AtLeast ? "≥" : "≤")} {row.Limit.ToString(CultureInfo.InvariantCulture)}", Text(row, value));
        }

        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table);
        Console.WriteLine(json.ToJsonString());
        return 0;
    }

    private static double MeasureAlone(Row row)
    {
        var program = Environment.ProcessPath!;
        var muxer = Path.GetFileNameWithoutExtension(program) == "dotnet" ? new[] { typeof(QuickRun).Assembly.Location } : [];
        string[] arguments = [.. muxer, "quick", row.Key, "--device", BenchmarkDevice.Name];
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"The row {row.Key} ended with the exit code {process.ExitCode}.");
        return (double?)JsonNode.Parse(output.TrimEnd().Split('\n')[^1])![row.Key] ?? double.NaN;
    }

    private static string Text(Row row, double value) => double.IsNaN(value) ? "not measured here"
        : string.Create(CultureInfo.InvariantCulture, $"{value:0.####}{(row.Keeps(value) ? "" : " (over)")}");
}
