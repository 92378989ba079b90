namespace LocalHessian.Spectra;

/// <summary>
/// An approximate eigenpair as the recurrence sees it: value, estimated residual, and the vector's coefficients in a block.
/// </summary>
internal sealed record RitzPair(double Value, double Residual, LanczosBlock Block, double[] Coefficients)
{
    /// <summary>The share of the start vector along it, squared: the weight of the value in the Gauss quadrature.</summary>
    public double Weight => Coefficients[0] * Coefficients[0];
}
