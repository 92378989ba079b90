namespace GpuCheck;

/// <summary>What a class of tests gave.</summary>
/// <param name="Class">Its name without the common beginning.</param>
/// <param name="Passed">How many tests passed.</param>
/// <param name="Failures">Those that did not, and why.</param>
/// <param name="Known">Those that did not by a fault of the device's own, and which it is.</param>
/// <param name="Skipped">Why tests were left out, and how many.</param>
internal sealed record ClassResult(
    string Class, int Passed, IReadOnlyList<string> Failures, IReadOnlyDictionary<string, string> Known,
    IReadOnlyDictionary<string, int> Skipped)
{
    /// <summary>The test that has begun and not ended; null when all have.</summary>
    public string? Running { get; init; }

    public double Seconds { get; init; }
}
