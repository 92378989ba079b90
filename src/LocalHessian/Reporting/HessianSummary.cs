namespace LocalHessian.Reporting;

/// <summary>The spectrum of one Gauss-Newton Hessian in numbers.</summary>
/// <param name="Dimension">Rows.</param>
/// <param name="MeanEigenvalue">Trace over dimension: what it multiplies a vector in general position by, in the mean.</param>
/// <param name="MeanStandardError">Standard error of an estimated mean; zero where it is exact.</param>
/// <param name="Largest">The largest eigenvalue.</param>
/// <param name="SmallestNonZero">
/// The smallest eigenvalue above the rank threshold; an upper bound unless <paramref name="Converged"/>.
/// </param>
/// <param name="ConditionNumber">Their ratio; a lower bound unless <paramref name="Converged"/>.</param>
/// <param name="Rank">Eigenvalues above the threshold.</param>
/// <param name="RankStandardError">Standard error of an estimated rank; zero where it is exact.</param>
/// <param name="Converged">Whether both ends are exact up to round-off or the Lanczos tolerance.</param>
public sealed record HessianSummary(
    long Dimension, double MeanEigenvalue, double MeanStandardError, double Largest, double SmallestNonZero,
    double ConditionNumber, double Rank, double RankStandardError, bool Converged);
