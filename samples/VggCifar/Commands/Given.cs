using System.CommandLine;
using System.CommandLine.Parsing;

namespace VggCifar.Commands;

/// <summary>
/// The options that stand on a command line, each with its values, whether typed or taken from a response file.
/// </summary>
internal static class Given
{
    /// <summary>Name, then values, of each.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Options(ParseResult parsed) =>
        [.. Results(parsed).Select(r => (IReadOnlyList<string>)[r.Option.Name, .. r.Tokens.Select(token => token.Value)])];

    /// <summary>The options themselves.</summary>
    public static IReadOnlyList<Option> Names(ParseResult parsed) => [.. Results(parsed).Select(result => result.Option)];

    /// <summary>An option that does not exist would else be a value of the one before it.</summary>
    public static void RefuseUnknown(ParseResult parsed)
    {
        foreach (var value in Results(parsed).SelectMany(result => result.Tokens).Select(token => token.Value))
        {
            if (value.StartsWith("--", StringComparison.Ordinal))
                throw new UserError($"{parsed.CommandResult.Command.Name} has no option '{value}' (--help lists those it has).");
        }
    }

    private static IEnumerable<OptionResult> Results(ParseResult parsed) =>
        parsed.CommandResult.Children.OfType<OptionResult>().Where(result => !result.Implicit);
}
