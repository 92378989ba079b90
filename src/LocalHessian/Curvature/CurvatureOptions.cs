namespace LocalHessian;

/// <summary>What <see cref="NetworkCurvature"/> is to look at, and how the network is called.</summary>
public sealed record CurvatureOptions
{
    /// <summary>
    /// Names of parameters, or of modules for all that is below them; null for every parameter that requires a gradient. A
    /// frozen parameter that is named takes part as if it were not frozen. Their order in θ is the network's, whatever the
    /// order here.
    /// </summary>
    public IReadOnlyCollection<string>? Parameters { get; init; }

    /// <summary>
    /// Chooses by name, among <see cref="Parameters"/> where these are given, else among those that require a gradient; null
    /// for all of them.
    /// </summary>
    public Func<string, bool>? Where { get; init; }

    /// <summary>Mean over the samples of the data, or sum.</summary>
    /// <value>The default is <see cref="CurvatureReduction.Mean"/>.</value>
    public CurvatureReduction Reduction { get; init; }

    /// <summary>
    /// From the inputs of a batch to the output that the loss takes, for networks that are called in a way of their own. By
    /// default a network of one tensor, of two or three tensors, or of a tuple of two is called with the batch's inputs.
    /// </summary>
    /// <remarks>
    /// The rows of its result are the samples: a language model whose output is <c>[N, T, C]</c> returns it here as <c>[N·T,
    /// C]</c> when the tokens are to be the samples. It uses the network's modules through <c>call</c>.
    /// </remarks>
    public Func<IReadOnlyList<Tensor>, Tensor>? Forward { get; init; }

    /// <summary>
    /// Whether data in several batches are enumerated twice before the first product and compared by checksum, so that shuffled
    /// or augmented data are refused.
    /// </summary>
    /// <value>The default is true. One batch that is given as tensors needs no check.</value>
    public bool CheckData { get; init; } = true;

    /// <summary>
    /// Seeds what is random in a training-mode pass, dropout's masks for example: the k-th batch is recorded under <c>Seed +
    /// k</c>, in every product the same.
    /// </summary>
    /// <value>The default is 0.</value>
    public long Seed { get; init; }
}
