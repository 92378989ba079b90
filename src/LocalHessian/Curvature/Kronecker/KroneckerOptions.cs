namespace LocalHessian;

/// <summary>Which Fisher matrix K-FAC and EKFAC approximate.</summary>
public enum KroneckerFisher
{
    /// <summary>Targets drawn from the model: one backward pass for each draw.</summary>
    MonteCarlo,

    /// <summary>Type I, the expectation taken exactly: as many backward passes as a row of the output has entries.</summary>
    Exact,

    /// <summary>
    /// Samples' own targets, which give no Fisher matrix; see <see cref="NetworkCurvature.EmpiricalFisher"/>. One backward
    /// pass.
    /// </summary>
    Empirical,
}

/// <summary>
/// How the positions of a convolution, or of a linear layer on tokens, which share a weight, enter its factors (Eschenhagen et
/// al. 2023).
/// </summary>
public enum KroneckerPositions
{
    /// <summary>Each position counts as a sample of its own (Grosse and Martens 2016).</summary>
    Expand,

    /// <summary>
    /// Inputs are averaged and output gradients summed over positions first: cheaper, for layers whose outputs are averaged
    /// later.
    /// </summary>
    Reduce,
}

/// <summary>How K-FAC's factors are measured.</summary>
public sealed record KroneckerOptions
{
    /// <summary>The matrix to approximate.</summary>
    /// <value>The default is <see cref="KroneckerFisher.MonteCarlo"/>.</value>
    public KroneckerFisher Fisher { get; init; }

    /// <summary>Targets drawn for each sample, for <see cref="KroneckerFisher.MonteCarlo"/>.</summary>
    /// <value>The default is 1.</value>
    public int Draws { get; init; } = 1;

    /// <summary>Fixes the drawn targets, however the data are split.</summary>
    public long Seed { get; init; }

    /// <summary>What is done with positions that share a weight.</summary>
    /// <value>The default is <see cref="KroneckerPositions.Expand"/>.</value>
    public KroneckerPositions Positions { get; init; }

    internal void Validate() => ArgumentOutOfRangeException.ThrowIfLessThan(Draws, 1);
}
