using System.CommandLine.Parsing;
using System.Globalization;

namespace VggCifar.Commands;

/// <summary>One of several parts of a grid, for tasks that share it out: 3/12 is the third of twelve.</summary>
internal sealed record GridPart(int Number, int Parts)
{
    /// <summary>Every so-manyth run, so that no part gets all runs of the slowest optimizer.</summary>
    public IReadOnlyList<T> Of<T>(IReadOnlyList<T> runs) =>
        Number <= runs.Count
            ? [.. runs.Where((_, i) => i % Parts == Number - 1)]
            : throw new UserError(
                $"--part {this}: the grid has {runs.Count} run{(runs.Count == 1 ? "" : "s")} only, so this part has none.");

    /// <summary>For the command line.</summary>
    public static GridPart? Read(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Read(text) is { } part)
            return part;
        result.AddError($"--part: '{text}' is no part of a grid; 3/12 is the third of twelve.");
        return null;
    }

    public static GridPart? Read(string text) =>
        text.Split('/') is [var number, var parts]
        && int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var n)
        && int.TryParse(parts, NumberStyles.None, CultureInfo.InvariantCulture, out var of) && n >= 1 && n <= of
            ? new GridPart(n, of) : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Number}/{Parts}");
}
