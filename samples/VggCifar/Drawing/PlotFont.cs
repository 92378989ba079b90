using SkiaSharp;

namespace VggCifar.Drawing;

/// <summary>The font of the pictures: a sans-serif one.</summary>
internal static class PlotFont
{
    /// <summary>In order of preference: DejaVu Sans and Noto Sans have every mathematical sign that the pictures use.</summary>
    private static readonly string[] SansSerif =
    [
        "DejaVu Sans", "Noto Sans", "Segoe UI", "Helvetica Neue", "Helvetica", "Arial", "Liberation Sans", "Verdana",
        "Ubuntu", "Cantarell", "Open Sans", "Roboto", "FreeSans", "Nimbus Sans",
    ];

    private static readonly (string Name, string? Remark) Chosen =
        Choose(SKFontManager.Default.FontFamilies.ToList(), SKTypeface.Default.FamilyName, SKTypeface.Default.GlyphCount > 0);

    public static string Name => Chosen.Name;

    /// <summary>What to tell the user; null where the pictures are as they should be.</summary>
    public static string? Remark => Chosen.Remark;

    /// <summary>The font among those installed, and what is to be said of it.</summary>
    /// <param name="installed">Names of font families.</param>
    /// <param name="standard">The one that the system gives where none is asked for.</param>
    /// <param name="any">Whether there is a font at all.</param>
    public static (string Name, string? Remark) Choose(IReadOnlyCollection<string> installed, string standard, bool any)
    {
        var name = SansSerif.FirstOrDefault(font => installed.Contains(font, StringComparer.OrdinalIgnoreCase));
        if (name is not null) return (name, null);
        return any
            ? (standard, $"The pictures are written in {standard}: no sans-serif font known to the program is installed.")
            : (standard, "The pictures have no text: no font is installed.");
    }
}
