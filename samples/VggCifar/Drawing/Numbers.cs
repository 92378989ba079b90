using System.Globalization;

namespace VggCifar.Drawing;

/// <summary>Numbers as a person writes them: 40,000; 0.001; 10⁻⁷.</summary>
internal static class Numbers
{
    private const string Superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

    /// <summary>A number to six significant digits, written out from 0.0001 to 10 million, else with a power of ten.</summary>
    public static string Text(double value) => Text(value, 6);

    /// <summary>A number to two significant digits: 41,000; 44 million.</summary>
    public static string About(double value) =>
        Math.Abs(value) is >= 999_500 and < 9.995e8 ? $"{Text(value / 1e6, 2)} million" : Text(value, 2);

    /// <summary>10 to a whole power: 0.001, 1,000, 10⁻⁷.</summary>
    public static string Power(int exponent) => Text(Math.Pow(10, exponent));

    private static string Text(double value, int digits)
    {
        if (value == 0) return "0";
        if (!double.IsFinite(value)) return value.ToString(CultureInfo.InvariantCulture);
        // Rounded in words, as 9.999 to two digits is one digit longer than it looks.
        var rounded = value.ToString($"E{digits - 1}", CultureInfo.InvariantCulture).Split('E');
        var exponent = int.Parse(rounded[1], CultureInfo.InvariantCulture);
        var sign = value < 0 ? "−" : "";
        var mantissa = decimal.Parse(rounded[0].TrimStart('-'), CultureInfo.InvariantCulture);
        if (exponent is >= -4 and < 7)
        {
            for (var i = 0; i < Math.Abs(exponent); i++) mantissa = exponent > 0 ? mantissa * 10 : mantissa / 10;
            return sign + mantissa.ToString("#,##0.##########", CultureInfo.InvariantCulture);
        }

        var power = "10" + (exponent < 0 ? "⁻" : "")
            + string.Concat(Math.Abs(exponent).ToString(CultureInfo.InvariantCulture).Select(d => Superscripts[d - '0']));
        return sign + (mantissa == 1 ? power : $"{mantissa.ToString("0.#####", CultureInfo.InvariantCulture)} × {power}");
    }
}
