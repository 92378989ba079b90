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

    /// <summary>Numbers reach the weights as float32.</summary>
    public static double Above(string option, double value, bool zero = false, string words = "value")
    {
        if (!double.IsFinite(value) || value < 0 || (value == 0 && !zero))
            throw new UserError(
                $"{option}: the {words} is {value.ToString(CultureInfo.InvariantCulture)}; it must be a finite number "
                + (zero ? "that is not negative." : "above zero."));
        return float.IsFinite((float)value)
            ? value
            : throw new UserError(
                $"{option}: the {words} is {value.ToString(CultureInfo.InvariantCulture)}; float32 holds numbers up to "
                + "3.4E+38.");
    }

    public static double Below(string option, double value, double limit, string words = "value") =>
        (float)value < limit
            ? value
            : throw new UserError($"{option}: the {words} is {value.ToString(CultureInfo.InvariantCulture)}; it must be below "
                + $"{limit.ToString(CultureInfo.InvariantCulture)}.");
}
