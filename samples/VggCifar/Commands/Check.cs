using System.Globalization;

namespace VggCifar.Commands;

/// <summary>Checks of option values.</summary>
internal static class Check
{
    public static string OneOf(string option, string value, IEnumerable<string> known)
    {
        var lower = value.ToLowerInvariant();
        return known.Contains(lower)
            ? lower
            : throw new UserError($"{option}: '{value}' is unknown; it takes {string.Join(", ", known)}.");
    }

    public static double Above(string option, double value, bool zero = false, string words = "value")
    {
        if (double.IsFinite(value) && (value > 0 || (zero && value == 0)))
            return value;
        throw new UserError($"{option}: the {words} is {value.ToString(CultureInfo.InvariantCulture)}; it must be a finite number "
            + (zero ? "that is not negative." : "above zero."));
    }

    public static double Below(string option, double value, double limit, string words = "value") =>
        value < limit
            ? value
            : throw new UserError($"{option}: the {words} is {value.ToString(CultureInfo.InvariantCulture)}; it must be below "
                + $"{limit.ToString(CultureInfo.InvariantCulture)}.");
}
