using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Spectre.Console;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>Measures every row, prints them as a table and, last, as one line of JSON.</summary>
internal static class QuickRun
{
    private static readonly Row[] Rows = [.. StepRows.All, .. MemoryRows.All, .. SampleRows.All, .. AnalysisRows.All, .. MeasuredRows.All];

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
            Console.Error.WriteLine($"{clock.Elapsed.TotalSeconds,4:f0} s  {row.Key}");
            var value = row.Measure();
            json[row.Key] = double.IsFinite(value) ? Math.Round(value, 4) : null;
            table.AddRow(row.What, row.Against, $"{(row.AtLeast ? "≥" : "≤")} {row.Limit.ToString(CultureInfo.InvariantCulture)}", Text(row, value));
        }

        if (Console.IsOutputRedirected) AnsiConsole.Profile.Width = 200;
        AnsiConsole.Write(table);
        Console.WriteLine(json.ToJsonString());
        return 0;
    }

    private static string Text(Row row, double value) => double.IsNaN(value) ? "not measured here"
        : string.Create(CultureInfo.InvariantCulture, $"{value:0.####}{(row.Keeps(value) ? "" : " (over)")}");
}
