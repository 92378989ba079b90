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
    /// <summary><c>12.5 ± 0.3 (99 products)</c>, in the invariant culture.</summary>
    public override string ToString() =>
        string.Create(CultureInfo.InvariantCulture, $"{Value:G6} ± {StandardError:G2} ({Products} products)");
}
