namespace GpuCheck;

/// <summary>How one thing went.</summary>
/// <param name="Passed">Whether it is as it should be.</param>
/// <param name="Note">What is worth knowing; of a failure, why.</param>
/// <param name="Numbers">What was measured, the unit in the name.</param>
internal sealed record Outcome(bool Passed, string Note, IReadOnlyDictionary<string, double> Numbers);

/// <summary>One thing that was checked.</summary>
/// <param name="Name">What.</param>
/// <param name="State">passed, failed or not run.</param>
/// <param name="Note">Why not, or what is worth knowing.</param>
/// <param name="Numbers">What was measured, the unit in the name.</param>
internal sealed record Item(string Name, string State, string Note, IReadOnlyDictionary<string, double> Numbers)
{
    /// <summary>
    /// Does it; what goes wrong on the way is a failure of this one thing, and the next is checked all the same.
    /// </summary>
    public static Item Of(string name, Func<Outcome> check)
    {
        Console.Error.WriteLine(name);
        try
        {
            var (passed, note, numbers) = check();
            return new(name, passed ? "passed" : "failed", note, numbers);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException or System.ComponentModel.Win32Exception
            or System.Text.Json.JsonException or KeyNotFoundException)
        {
            return new(name, "failed", e.Message, new Dictionary<string, double>());
        }
    }
}
