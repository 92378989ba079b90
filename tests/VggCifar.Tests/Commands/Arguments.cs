namespace VggCifar.Tests.Commands;

internal static class Arguments
{
    /// <summary>The command line with another value of an option it has.</summary>
    public static string[] With(this IReadOnlyList<string> arguments, string option, string value)
    {
        string[] changed = [.. arguments];
        changed[Array.IndexOf(changed, option) + 1] = value;
        return changed;
    }
}
