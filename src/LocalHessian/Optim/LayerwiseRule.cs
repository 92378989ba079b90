namespace LocalHessian.Optim;

/// <summary>
/// A rule whose multiplier of a layer depends on this layer's weight and gradient alone. One-dimensional parameters (biases,
/// gains, shifts) keep the multiplier one, as is usual.
/// </summary>
/// <remarks>
/// On the CPU a layer of more than a million weights moves right after its norms are read, while it is in the cache. An error
/// about a weight thus finds other parameters moved already, unless <see cref="ScaledSGD.NonFiniteGradients"/> is another
/// than Ignore: then all norms are read first.
/// </remarks>
/// <example>
/// <code>
/// sealed class NormRatio : LayerwiseRule
/// {
///     protected override Tensor Ratios(IReadOnlyList&lt;ParameterUpdate&gt; updates)
///     {
///         var (weights, gradients) = NormsOf(updates);
///         return where(gradients &gt; 0, weights / gradients, ones_like(weights));
///     }
/// }
/// </code>
/// </example>
public abstract class LayerwiseRule : MultiplierRule
{
    private readonly HeldVector _layers = new(ScalarType.Bool);

    /// <inheritdoc/>
    public sealed override bool LayerByLayer => true;

    /// <inheritdoc/>
    public sealed override Tensor Multipliers(IReadOnlyList<ParameterUpdate> updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        var layers = _layers.Of([.. updates.Select(u => u.Parameter.dim() > 1 ? 1.0 : 0)], updates[0].Parameter.device);
        using var ratios = Ratios(updates);
        using var ones = ones_like(ratios);
        return where(layers, ratios, ones);
    }

    /// <summary>What the multipliers would be if all parameters were layers.</summary>
    /// <param name="updates">At least one, all on one device.</param>
    /// <returns>A float64 vector on their device.</returns>
    protected abstract Tensor Ratios(IReadOnlyList<ParameterUpdate> updates);

    /// <summary>‖W‖₂ and ‖δW‖₂ of each, float64 vectors on the parameters' device, which is not waited for.</summary>
    /// <param name="updates">At least one, all on one device.</param>
    /// <exception cref="NonFiniteException">On the CPU: a weight is not finite. It is named.</exception>
    protected static (Tensor Weights, Tensor Gradients) NormsOf(IReadOnlyList<ParameterUpdate> updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        // Weight and gradient of a layer together: the step that follows finds more of both in the cache.
        var norms = Norms.Of([.. updates.SelectMany(u => new[] { u.Parameter, u.Gradient })]);
        var weights = norms.slice(0, 0, norms.shape[0], 2);
        FiniteChecks.ThrowUnlessFinite(weights, i => updates[i].Name);
        return (weights, norms.slice(0, 1, norms.shape[0], 2));
    }

    /// <summary>
    /// ‖δW‖₂ of each, where weights are not needed; on the CPU a weight is looked at only if a gradient is not finite.
    /// </summary>
    /// <param name="updates">At least one, all on one device.</param>
    /// <exception cref="NonFiniteException">
    /// On the CPU: a weight is not finite, and a gradient neither. The weight is named.
    /// </exception>
    protected static Tensor GradientNormsOf(IReadOnlyList<ParameterUpdate> updates)
    {
        ArgumentNullException.ThrowIfNull(updates);
        var gradients = Norms.Of([.. updates.Select(u => u.Gradient)]);
        if (FiniteChecks.ShowsNonFinite(gradients)) ThrowUnlessWeightsFinite(updates);
        return gradients;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _layers.Dispose();
        base.Dispose(disposing);
    }
}
