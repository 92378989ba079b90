namespace LocalHessian;

public sealed partial class NetworkCurvature
{
    /// <summary>∂²J/∂θ², indefinite in general.</summary>
    /// <param name="blocks">The whole matrix, or its diagonal blocks only.</param>
    /// <returns>
    /// An operator <c>(n, n)</c> in the parameters' dtype. Its products throw <see cref="UnrepeatableDataException"/> for data
    /// that change and <see cref="SecondDerivativeException"/> for an operation that cannot be differentiated twice, by name.
    /// </returns>
    public SymmetricOperator Hessian(CurvatureBlocks blocks = CurvatureBlocks.Whole) => Operator(new HessianProduct(), blocks);

    /// <summary>
    /// The generalised Gauss-Newton matrix <c>(1/N) Σ J_iᵀ Λ_i J_i</c>, <c>J_i = ∂f(x_i)/∂θ</c>, <c>Λ_i = ∂²ℓ/∂f²</c>; positive
    /// semi-definite for a loss that is convex in f.
    /// </summary>
    /// <inheritdoc cref="Hessian"/>
    public SymmetricOperator GaussNewton(CurvatureBlocks blocks = CurvatureBlocks.Whole) =>
        Operator(new GaussNewtonProduct(_data.Loss), blocks);

    /// <summary>
    /// The Fisher matrix of type I, <c>(1/N) Σ J_iᵀ E_y[∇ℓ ∇ℓᵀ] J_i</c> with the expectation over the model's own distribution
    /// of y taken exactly. For the named losses it equals <see cref="GaussNewton"/>.
    /// </summary>
    /// <inheritdoc cref="Hessian"/>
    /// <exception cref="NotSupportedException">The loss is not one of the named likelihoods.</exception>
    public SymmetricOperator Fisher(CurvatureBlocks blocks = CurvatureBlocks.Whole) =>
        Operator(new FisherProduct(Likelihood("The Fisher matrix")), blocks);

    /// <summary>The Fisher matrix with the expectation over y replaced by a mean over sampled targets: unbiased.</summary>
    /// <param name="draws">Targets drawn for each sample of the data, at least one.</param>
    /// <param name="seed">Fixes the targets, however the data are split into batches.</param>
    /// <param name="blocks">The whole matrix, or its diagonal blocks only.</param>
    /// <returns>An operator <c>(n, n)</c>; the targets are the same in every product.</returns>
    /// <exception cref="NotSupportedException">The loss is not one of the named likelihoods.</exception>
    public SymmetricOperator MonteCarloFisher(int draws = 1, long seed = 0, CurvatureBlocks blocks = CurvatureBlocks.Whole)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(draws, 1);
        return Operator(new MonteCarloFisherProduct(Likelihood("The Fisher matrix by sampling"), draws, seed), blocks);
    }

    /// <summary>
    /// The empirical Fisher matrix <c>(1/N) Σ g_i g_iᵀ</c>, the second moment of the samples' gradients at their own targets.
    /// It is no Fisher matrix, nor an approximation of one away from a well-fitted minimum (Kunstner, Balles and Hennig 2019).
    /// </summary>
    /// <inheritdoc cref="Hessian"/>
    /// <exception cref="InvalidOperationException">A batch norm takes the statistics of its batch.</exception>
    public SymmetricOperator EmpiricalFisher(CurvatureBlocks blocks = CurvatureBlocks.Whole)
    {
        ThrowIfCoupled("The empirical Fisher matrix");
        return Operator(new EmpiricalFisherProduct(_data.Loss), blocks);
    }

    /// <summary>
    /// The covariance of the samples' gradients, <c>(1/N) Σ g_i g_iᵀ − g gᵀ</c>: the noise of a gradient from one random
    /// sample. N times that under  <see cref="CurvatureReduction.Sum"/>.
    /// </summary>
    /// <inheritdoc cref="EmpiricalFisher"/>
    public SymmetricOperator GradientCovariance(CurvatureBlocks blocks = CurvatureBlocks.Whole)
    {
        ThrowIfCoupled("The gradients' covariance");
        var secondMoment = Operator(new EmpiricalFisherProduct(_data.Loss), blocks);
        return new GradientCovarianceOperator(secondMoment, Mean, _data.Theta, blocks);

        (TorchSharp.torch.Tensor, double) Mean(CancellationToken cancellation)
        {
            var (sum, samples) = GradientSum(cancellation);
            var weight = _data.Weight(samples);
            return (sum.mul_(weight), 1 / (weight * samples));
        }
    }

    private DataSetOperator Operator(BatchProduct product, CurvatureBlocks blocks) => new(_data, product, blocks);

    private LikelihoodLoss Likelihood(string what) => _data.Loss as LikelihoodLoss ?? throw new NotSupportedException(
        $"{what} needs a likelihood, and a loss given as a function has none that is known: take CurvatureLoss.SquaredError, "
        + "CrossEntropy, BinaryCrossEntropyWithLogits or Poisson.");

    private void ThrowIfCoupled(string what)
    {
        var (layer, norm) = NetworkParts.Modules(_data.Network)
            .FirstOrDefault(m => m.Module is BatchNorm norm && (norm.training || norm.running_mean is null));
        if (norm is not null)
            throw new InvalidOperationException(
                $"{what} is made of the gradients of single samples, and the batch norm '{layer}' takes the statistics of the "
                + "batch, so that a sample has no gradient of its own. Put the network in evaluation mode: network.eval().");
    }
}
