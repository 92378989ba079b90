namespace LocalHessian;

/// <summary>What the objective does with the losses of the samples.</summary>
public enum CurvatureReduction
{
    /// <summary><c>J = (1/N) Σ_i ℓ_i</c> over all N samples of the data, never a mean of batches' means.</summary>
    Mean,

    /// <summary><c>J = Σ_i ℓ_i</c>.</summary>
    Sum,
}
