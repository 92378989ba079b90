using System.Text;
using System.Text.Json;

namespace GpuCheck;

/// <summary>All of it: gpu-report.json, and the same as a table for docs/cuda.md.</summary>
internal sealed record Report(
    string Date, string Device, string Card, bool Quick, IReadOnlyList<string> MissingSymbols, IReadOnlyList<Item> Items)
{
    public static readonly JsonSerializerOptions Format = new()
    {
        WriteIndented = true,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
    };

    public void Write(string folder)
    {
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "gpu-report.json"), JsonSerializer.Serialize(this, Format) + "\n");
        File.WriteAllText(Path.Combine(folder, "gpu-report.md"), Table());
    }

    public string Table()
    {
        var text = new StringBuilder($"{Date}, {Device}, {Card}{(Quick ? ", quick: no numbers worth keeping" : "")}\n\n");
        text.Append("| what | result | numbers |\n|---|---|---|\n");
        foreach (var item in Items)
        {
            var note = item.Note.Length > 0 ? $": {item.Note.Replace("|", "\\|", StringComparison.Ordinal)}" : "";
            var numbers = string.Join(", ", item.Numbers.Select(n => $"{n.Key} {n.Value:0.####}"));
            text.Append($"| {item.Name} | {item.State}{note} | {numbers} |\n");
        }

        return text.ToString();
    }
}
