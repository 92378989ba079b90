namespace LocalHessian.Spectra;

/// <summary>A trace estimated from random products.</summary>
/// <param name="Value">The estimate; unbiased.</param>
/// <param name="StandardError">One standard deviation of the estimate, itself estimated from the samples; zero when exact.</param>
/// <param name="Products">Products with one vector that it took.</param>
public sealed record TraceEstimate(double Value, double StandardError, int Products);
