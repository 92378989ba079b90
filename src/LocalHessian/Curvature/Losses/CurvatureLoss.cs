namespace LocalHessian;

/// <summary>
/// The loss ℓ(f, y) of a sample, where f is a row of the network's output and y its target. The objective is the mean or the
/// sum of ℓ over the samples; within a sample, ℓ is the sum over the entries or positions of its row.
/// </summary>
/// <remarks>
/// The four named losses are negative log-likelihoods of exponential families with f as natural parameter: Gauss-Newton and
/// Fisher matrix of type I agree, and K-FAC can draw targets (MATH §9).
/// </remarks>
public abstract class CurvatureLoss
{
    private protected CurvatureLoss() { }

    /// <summary>
    /// <c>½‖f − y‖²</c>, summed over the row's entries: a normal distribution of unit variance. Targets have the output's
    /// shape.
    /// </summary>
    /// <remarks><c>mse_loss</c> is <c>2/D</c> times its mean over the samples, with D entries a row.</remarks>
    public static CurvatureLoss SquaredError { get; } = new SquaredErrorLoss();

    /// <summary>
    /// <c>−log softmax(f)_y</c>, summed over positions where the output is <c>[N, C, …]</c>. Targets are class indices, int64,
    /// of shape <c>[N, …]</c>.
    /// </summary>
    public static CurvatureLoss CrossEntropy { get; } = new CrossEntropyLoss();

    /// <summary><c>log(1 + e^f) − y·f</c>, summed over the row's entries. Targets have the output's shape, from 0 to 1.</summary>
    public static CurvatureLoss BinaryCrossEntropyWithLogits { get; } = new BinaryCrossEntropyLoss();

    /// <summary>
    /// <c>e^f − y·f</c>, summed over the row's entries: counts with the logarithm of their rate. Targets have the output's
    /// shape.
    /// </summary>
    public static CurvatureLoss Poisson { get; } = new PoissonLoss();

    /// <summary>Any twice differentiable loss; its Hessian with respect to the output is taken by differentiation.</summary>
    /// <param name="loss">From output and targets of a batch to a scalar.</param>
    /// <param name="reduction">
    /// Whether that scalar is the mean over the batch's samples, as PyTorch's losses give by default, or their sum.
    /// </param>
    /// <remarks>
    /// There is no Fisher matrix but the empirical one, which, like the gradients' covariance, takes for granted that the loss
    /// is a sum over the rows of the output.
    /// </remarks>
    public static CurvatureLoss Of(Func<Tensor, Tensor, Tensor> loss, CurvatureReduction reduction = CurvatureReduction.Mean)
    {
        ArgumentNullException.ThrowIfNull(loss);
        return new DifferentiatedLoss(loss, reduction);
    }

    /// <summary>What error messages call it.</summary>
    internal abstract string Name { get; }

    /// <summary>Throws unless the target fits the output.</summary>
    internal abstract void ThrowUnlessFitting(Tensor output, Tensor target);

    /// <summary>Σ_i ℓ_i of the batch, differentiable.</summary>
    internal abstract Tensor Sum(Tensor output, Tensor target);

    /// <summary>∂(Σ_i ℓ_i)/∂f: row i is ∂ℓ_i/∂f_i.</summary>
    internal abstract Tensor Gradient(Tensor output, Tensor target);

    /// <summary>The product with Λ = ∂²(Σ_i ℓ_i)/∂f².</summary>
    internal abstract Func<Tensor, Tensor> Hessian(Tensor output, Tensor target);
}
