namespace LocalHessian;

/// <summary>A batch: what the network is called with, and what the loss compares its output with.</summary>
/// <param name="Inputs">One tensor an argument; integers (tokens) are fine.</param>
/// <param name="Target">The targets.</param>
public sealed record CurvatureBatch(IReadOnlyList<Tensor> Inputs, Tensor Target)
{
    /// <summary>A batch for a network of one input.</summary>
    /// <param name="input">The input.</param>
    /// <param name="target">The targets.</param>
    public CurvatureBatch(Tensor input, Tensor target) : this([input], target) { }

    internal IEnumerable<Tensor> Tensors => Inputs.Append(Target);
}
