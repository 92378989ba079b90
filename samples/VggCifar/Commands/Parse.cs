using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace VggCifar.Commands;

/// <summary>
/// Options that are numbers: read the same way whatever the machine's language, wrong ones refused in one sentence.
/// </summary>
internal static class Parse
{
    public static Option<double> Number(string name, string description, double otherwise) => new(name)
    {
        Description = description,
        DefaultValueFactory = _ => otherwise,
        CustomParser = result => Double(Only(result), out var value)
            ? value
            : Refuse<double>(result, $"{name}: '{Only(result)}' is not a number."),
    };

    public static Option<double?> Number(string name, string description) => new(name)
    {
        Description = description,
        CustomParser = result => Double(Only(result), out var value)
            ? value
            : Refuse<double?>(result, $"{name}: '{Only(result)}' is not a number."),
    };

    public static Option<int?> Count(string name, string description, int most = 1_000_000) => new(name)
    {
        Description = description,
        CustomParser = result => Whole(Only(result), out var value) && value > 0 && value <= most
            ? value
            : Refuse<int?>(result, string.Create(
                CultureInfo.InvariantCulture, $"{name}: '{Only(result)}' is not a whole number above zero and up to {most}.")),
    };

    public static Uri? Address(ArgumentResult result) => Uri.TryCreate(Only(result), UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttp || uri.Scheme == Uri.UriSchemeHttps)
            ? uri
            : Refuse<Uri?>(result, $"--download-from: '{Only(result)}' is not an http or https address.");

    public static bool Double(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);

    public static bool Whole(string text, out int value) =>
        int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out value);

    private static string Only(ArgumentResult result) =>
        result.Tokens.Count == 1 ? result.Tokens[0].Value : string.Join(' ', result.Tokens);

    private static T Refuse<T>(ArgumentResult result, string why)
    {
        result.AddError(why);
        return default!;
    }
}
