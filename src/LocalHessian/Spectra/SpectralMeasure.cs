using System.Globalization;

namespace LocalHessian.Spectra;

/// <summary>A spectrum as points on the line with weights that sum to one: exact eigenvalues, or a quadrature of them.</summary>
/// <remarks>Immutable and thread-safe; it holds numbers only.</remarks>
public sealed class SpectralMeasure
{
    private readonly double[] _cumulative;

    internal SpectralMeasure(IEnumerable<(double Node, double Weight)> points)
    {
        var sorted = points.OrderBy(p => p.Node).ToArray();
        var total = sorted.Sum(p => p.Weight);
        Nodes = Array.ConvertAll(sorted, p => p.Node);
        Weights = Array.ConvertAll(sorted, p => p.Weight / total);
        _cumulative = new double[sorted.Length];
        var sum = 0.0;
        for (var i = 0; i < sorted.Length; i++) _cumulative[i] = sum += Weights[i];
        _cumulative[^1] = 1;
    }

    /// <summary>Each of the given eigenvalues with the same weight.</summary>
    /// <exception cref="ArgumentException">There are none, or one is NaN or infinite.</exception>
    public static SpectralMeasure Of(IEnumerable<double> eigenvalues)
    {
        ArgumentNullException.ThrowIfNull(eigenvalues);
        var values = eigenvalues.ToArray();
        if (values.Length == 0 || !values.All(double.IsFinite))
            throw new ArgumentException("A spectrum has at least one eigenvalue, all of them finite.", nameof(eigenvalues));
        return new SpectralMeasure(values.Select(v => (v, 1.0)));
    }

    /// <summary>The Gauss quadrature that a tridiagonal matrix stands for.</summary>
    internal static SpectralMeasure Of(LanczosBlock block) => new(block.Pairs().Select(p => (p.Value, p.Weight)));

    /// <summary>Each point with its weight.</summary>
    internal IEnumerable<(double Node, double Weight)> Points => Nodes.Zip(Weights);

    /// <summary>The points, ascending.</summary>
    public IReadOnlyList<double> Nodes { get; }

    /// <summary>The weight of each point; they sum to one.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>Range, mean and number of points in one line, in the invariant culture.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Nodes.Count} points from {Nodes[0]:G6} to {Nodes[^1]:G6}, mean {Mean(x => x):G6}");

    /// <summary>The mean of a function over the spectrum: <c>tr f(H)/n</c>.</summary>
    public double Mean(Func<double, double> f)
    {
        ArgumentNullException.ThrowIfNull(f);
        return Points.Sum(p => p.Weight * f(p.Node));
    }

    /// <summary>How many of n eigenvalues have a magnitude above a limit.</summary>
    internal double Rank(long size, double limit) => size * Mean(node => Math.Abs(node) > limit ? 1 : 0);

    /// <summary>The part of the spectrum at or below a value.</summary>
    public double Distribution(double value)
    {
        if (double.IsNaN(value)) return value;
        var (low, high) = (0, Nodes.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (Nodes[middle] <= value) low = middle + 1; else high = middle;
        }
        return low == 0 ? 0 : _cumulative[low - 1];
    }

    /// <summary>
    /// The same spectrum on a logarithmic scale, <c>log₁₀|λ|</c>: what shows a bulk and outliers of many magnitudes in one
    /// picture.
    /// </summary>
    /// <param name="floor">
    /// Magnitudes below it count as it, so that zero has a place; above zero. By default the number of points times float64's
    /// eps times the largest magnitude.
    /// </param>
    /// <exception cref="ArgumentOutOfRangeException">The floor is not a finite number above zero.</exception>
    public SpectralMeasure LogMagnitudes(double? floor = null)
    {
        var largest = Math.Max(Math.Abs(Nodes[0]), Math.Abs(Nodes[^1]));
        var least = floor ?? (largest > 0 ? Nodes.Count * Math.ScaleB(1, -52) * largest : double.Epsilon);
        Finite.ThrowUnlessPositive(least, "The floor", nameof(floor));
        return new SpectralMeasure(Points.Select(p => (Math.Log10(Math.Max(Math.Abs(p.Node), least)), p.Weight)));
    }

    /// <summary>The density smoothed by a normal curve, which integrates to one over the real line.</summary>
    /// <param name="value">Where.</param>
    /// <param name="width">The curve's standard deviation, above zero; see <see cref="DefaultWidth"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The width is not a finite number above zero.</exception>
    public double Density(double value, double width)
    {
        Finite.ThrowUnlessPositive(width, "The width", nameof(width));
        return Mean(node => Math.Exp(-0.5 * Math.Pow((value - node) / width, 2))) / (width * Math.Sqrt(2 * Math.PI));
    }

    /// <summary>A width for plots: a hundredth of the spectrum's range, or of its magnitude where it is a single point.</summary>
    public double DefaultWidth
    {
        get
        {
            var (low, high) = (Nodes[0], Nodes[^1]);
            var magnitude = Math.Max(Math.Abs(low), Math.Abs(high));
            return (high - low > 1e-9 * magnitude ? high - low : magnitude > 0 ? magnitude : 1) / 100;
        }
    }
}
