namespace LocalHessian.Spectra;

/// <summary>A diagonal estimated from random products.</summary>
/// <param name="Values">The estimate of each entry, <c>(n)</c>, unbiased; the caller's to dispose.</param>
/// <param name="StandardErrors">
/// One standard deviation of each, itself estimated from the samples, <c>(n)</c>; the caller's to dispose.
/// </param>
/// <param name="Products">Products with one vector that it took.</param>
public sealed record DiagonalEstimate(Tensor Values, Tensor StandardErrors, int Products) : IDisposable
{
    /// <summary>Disposes both tensors.</summary>
    public void Dispose()
    {
        Values.Dispose();
        StandardErrors.Dispose();
    }

    /// <summary>Size and cost in one line.</summary>
    public override string ToString() => $"diagonal {Describe.Shape(Values)} from {Products} products";
}
