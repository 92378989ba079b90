using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>Settings, every epoch and the summary in one JSON file.</summary>
internal static class ResultsJson
{
    public const string FileName = "results.json";

    public static string Write(Settings settings, IReadOnlyList<RunResult> results) => Json.Write(new
    {
        settings,
        summary = Summary.Of(results),
        runs = results.Select(result => new { result.Name.Spec, result.Name.Seed, result.Epochs }),
    });
}
