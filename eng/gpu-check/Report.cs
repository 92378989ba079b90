using System.Text;
using System.Text.Json;

namespace GpuCheck;

/// <summary>One thing that was checked.</summary>
/// <param name="Name">What.</param>
/// <param name="State">passed, failed or not run.</param>
/// <param name="Note">Why not, or what is worth knowing.</param>
/// <param name="Numbers">What was measured, the unit in the name.</param>
internal sealed record Item(string Name, string State, string Note, IReadOnlyDictionary<string, double> Numbers);

/// <summary>All of it: gpu-report.json, and the same as a table for docs/cuda.md.</summary>
internal sealed record Report(string Date, string Device, string Card, bool Quick, IReadOnlyList<string> MissingSymbols, IReadOnlyList<Item> Items)
{
    private static readonly JsonSerializerOptions Format = new() { WriteIndented = true, PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "gpu-report.json"), JsonSerializer.Serialize(this, Format) + "\n");
        File.WriteAllText(Path.Combine(folder, "gpu-report.md"), Table());
    }

    public string Table()
    {
        var text = new StringBuilder($"{Date}, {Device}, {Card}{(Quick ? ", quick: no numbers worth keeping" : "")}\n\n| what | result | numbers |\n|---|---|---|\n");
        foreach (var item in Items)
        {
            var note = item.Note.Length > 0 ? $": {item.Note.Replace("|", "\\|", StringComparison.Ordinal)}" : "";
            text.Append($"| {item.Name} | {item.State}{note} | {string.Join(", ", item.Numbers.Select(n => $"{n.Key} {n.Value:0.####}"))} |\n");
        }

        return text.ToString();
    }
}
