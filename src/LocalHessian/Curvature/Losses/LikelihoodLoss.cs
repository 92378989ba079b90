namespace LocalHessian;

/// <summary>A negative log-likelihood: it knows how targets are distributed given the output.</summary>
internal abstract class LikelihoodLoss : CurvatureLoss
{
    /// <summary>Uniform random numbers that one row of the output needs for one sampled target.</summary>
    public abstract long UniformsPerSample(Tensor output);

    /// <summary>∂ℓ/∂f at targets drawn from p(y|f).</summary>
    /// <param name="output">f.</param>
    /// <param name="uniforms"><c>[N, UniformsPerSample]</c> between 0 and 1, float64.</param>
    public abstract Tensor SampledScore(Tensor output, Tensor uniforms);

    /// <summary>S with E_y[∇ℓ ∇ℓᵀ] = S Sᵀ, an S for each row.</summary>
    public abstract ScoreRoot Root(Tensor output);
}

/// <summary>S of each row of a batch; columns, images and coefficients have the output's shape.</summary>
internal abstract class ScoreRoot
{
    /// <summary>Columns of S.</summary>
    public abstract long Count { get; }

    /// <summary>The k-th column for every row.</summary>
    public abstract Tensor Column(long k);

    /// <summary>S·c.</summary>
    public abstract Tensor Multiply(Tensor coefficients);

    /// <summary>Sᵀ·u.</summary>
    public abstract Tensor MultiplyTransposed(Tensor direction);
}
