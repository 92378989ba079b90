using ScottPlot;

namespace VggCifar.Drawing;

/// <summary>
/// Ticks of an axis that shows decimal logarithms: at values that a person would choose, labelled with the value.
/// </summary>
internal sealed class LogTicks : ITickGenerator
{
    private const int MostDecades = 7;

    public Tick[] Ticks { get; private set; } = [];

    public int MaxTickCount { get; set; } = 100;

    public void Regenerate(CoordinateRange range, Edge edge, PixelLength size, Paint paint, LabelStyle labelStyle) =>
        Ticks = Of(Math.Min(range.Min, range.Max), Math.Max(range.Min, range.Max));

    /// <summary>
    /// Ticks between two logarithms: at round values within one decade, at 1, 2 and 5 in up to two and a half, else at powers.
    /// </summary>
    public static Tick[] Of(double low, double high)
    {
        if (high - low < 1e-6) return [new(low, Numbers.Text(Math.Pow(10, low)), true)];
        if (high - low < 1) return Round(Math.Pow(10, low), Math.Pow(10, high));
        var every = (int)Math.Ceiling((high - low) / MostDecades);
        int[] labelled = high - low <= 2.5 ? [1, 2, 5] : [1];
        var ticks = new List<Tick>();
        for (var exponent = (int)Math.Floor(low); exponent <= high; exponent++)
            for (var digit = 1; digit <= 9; digit++)
            {
                var (value, at) = (digit * Math.Pow(10, exponent), exponent + Math.Log10(digit));
                if (at < low - 1e-9 || at > high + 1e-9) continue;
                if (exponent % every == 0 && labelled.Contains(digit)) ticks.Add(new Tick(at, Numbers.Text(value), true));
                else if (every == 1 || digit == 1) ticks.Add(new Tick(at, "", false));
            }
        return [.. ticks];
    }

    private static Tick[] Round(double low, double high)
    {
        var size = Math.Pow(10, Math.Floor(Math.Log10((high - low) / 4)));
        var step = new[] { 1.0, 2, 5, 10 }.Select(digit => digit * size).First(s => (high - low) / s <= 6);
        var first = (int)Math.Ceiling(low / step);
        return [.. Enumerable.Range(first, Math.Max(0, (int)Math.Floor(high / step) - first + 1))
            .Select(i => new Tick(Math.Log10(i * step), Numbers.Text(i * step), true))];
    }
}
