using System.Globalization;

namespace LocalHessian.Spectra;

/// <summary>A number of an operator, its trace for one, estimated from random products.</summary>
/// <param name="Value">The estimate; unbiased, unless the method says otherwise.</param>
/// <param name="StandardError">
/// One standard deviation of the estimate, itself estimated from the samples; zero when exact.
/// </param>
/// <param name="Products">Products with one vector that it took.</param>
public sealed record TraceEstimate(double Value, double StandardError, int Products)
{
    /// <summary>The mean of samples and its standard error.</summary>
    /// <param name="samples">At least two.</param>
    /// <param name="products">Products that they took.</param>
    /// <param name="offset">Added to the mean.</param>
    internal static TraceEstimate Of(IReadOnlyCollection<double> samples, int products, double offset = 0)
    {
        var mean = samples.Average();
        var variance = samples.Sum(s => (s - mean) * (s - mean)) / (samples.Count - 1);
        return new TraceEstimate(offset + mean, Math.Sqrt(variance / samples.Count), products);
    }

    /// <summary><c>12.5 ± 0.3 (99 products)</c>, in the invariant culture.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Value:G6} ± {StandardError:G2} ({Products} products)");
}
