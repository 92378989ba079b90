using LocalHessian.Spectra;

namespace LocalHessian.Reporting;

/// <summary>All eigenpairs of a small semi-definite matrix.</summary>
internal sealed class DenseSpectrum
{
    private readonly double[] _values;
    private readonly Tensor _vectors;
    private readonly NonZeroSpectrum _nonZero;

    public DenseSpectrum(Tensor matrix)
    {
        var wide = ((matrix + matrix.t()) / 2).to(ScalarType.Float64).cpu();
        var (values, vectors) = linalg.eigh(wide);
        (_values, _vectors) = (values.ToNumbers(), vectors);
        _nonZero = NonZeroSpectrum.OfEigenvalues(_values, matrix.dtype);
    }

    public HessianSummary Summary(double samples) => new(
        _values.Length, _values.Sum() / _values.Length / samples, 0, _nonZero.Largest / samples,
        _nonZero.SmallestNonZero / samples, _nonZero.ConditionNumber, _nonZero.Rank, 0, true);

    /// <summary>For a step of size one along a gradient.</summary>
    public SignalEfficiency Efficiency(Tensor gradient, double loss)
    {
        var parts = _vectors.t().mv(gradient.to(ScalarType.Float64).cpu()).square().ToNumbers();
        return SignalEfficiency.Of(
            loss, 1, parts.Sum(), parts.Zip(_values, (p, l) => p * l).Sum(),
            parts.Zip(_values, (p, l) => Math.Abs(l) > _nonZero.Threshold ? p / l : 0).Sum(), _values.Length, true);
    }
}
