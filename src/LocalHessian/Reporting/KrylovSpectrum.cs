using LocalHessian.Spectra;

namespace LocalHessian.Reporting;

/// <summary>What few products tell of the spectrum of a large semi-definite operator, and of a gradient in its range.</summary>
internal sealed class KrylovSpectrum
{
    private readonly SymmetricOperator _operator;
    private readonly SpectralMeasure _measure;
    private readonly (double Largest, double Smallest, bool Converged) _extremes;
    private readonly double _solveResidual;
    private readonly List<SpectralMeasure> _probes;

    /// <param name="h">The operator.</param>
    /// <param name="steps">Products a run.</param>
    /// <param name="options">Probes and seed.</param>
    /// <param name="gradient">A vector in the range of h.</param>
    /// <param name="progress">Told between products.</param>
    public KrylovSpectrum(SymmetricOperator h, int steps, ReportOptions options, Tensor gradient, Progress progress)
    {
        _operator = h;
        var runs = options.Probes + 1.0;
        var process = new LanczosProcess(h, steps);
        var rule = new ExtremesRule(process, h, Limit, progress.Cancellation);
        var part = progress.Part(null, 0, 1 / runs);
        // A gradient of zero lies in the range too, and tells nothing: then any other vector of the range.
        if (!LanczosDriver.Run(process, gradient, null, null, part))
            LanczosDriver.Run(process, RangeVector(h, options.Seed), null, null, part);
        if (process.Blocks.Count == 0)
        {
            (_measure, _extremes) = (SpectralMeasure.Of([0]), (0, double.NaN, true));
        }
        else
        {
            rule.Met(open: false);
            _extremes = rule.Extremes;
            _measure = SpectralMeasure.Of(process.Blocks[0]);
            var limit = Limit(_extremes.Largest);
            var solved = process.Blocks[0].Pairs().Where(p => p.Value > limit);
            _solveResidual = process.Blocks[0].Beta * Math.Abs(solved.Sum(p => p.Coefficients[^1] * p.Coefficients[0] / p.Value));
        }

        _probes = SpectralDensity.Quadratures(h, options.Probes, steps, options.Seed, progress.Part(null, 1 / runs, 1));
    }

    private double Limit(double largest) => NonZeroSpectrum.Limit(null, _operator.Size, _operator.Dtype, largest);

    public HessianSummary Summary(double samples)
    {
        var n = _operator.Size;
        var limit = Limit(_extremes.Largest);
        var mean = TraceEstimate.Of([.. _probes.Select(p => p.Mean(x => x))], 0);
        var rank = TraceEstimate.Of([.. _probes.Select(p => p.Rank(n, limit))], 0);
        var top = _probes.Max(p => p.Nodes[^1]);
        var largest = Math.Max(_extremes.Largest, top);
        // The gradient may have no part along the largest eigenvector.
        var converged = _extremes.Converged
            && top <= _extremes.Largest * (1 + Math.Pow(Precision.Epsilon(_operator.Dtype), 2.0 / 3));
        return new(
            n, mean.Value / samples, mean.StandardError / samples, largest / samples, _extremes.Smallest / samples,
            largest / _extremes.Smallest, rank.Value, rank.StandardError, converged);
    }

    /// <summary>
    /// For a step of size one along the gradient: <c>gᵀHg</c> and <c>gᵀH⁺g</c> are Gauss quadratures of λ and 1/λ.
    /// </summary>
    public SignalEfficiency Efficiency(Tensor gradient, double loss)
    {
        var norm = gradient.to(ScalarType.Float64).norm().item<double>();
        var (gg, limit) = (norm * norm, Limit(_extremes.Largest));
        return SignalEfficiency.Of(
            loss, 1, gg, gg * _measure.Mean(l => l), gg * _measure.Mean(l => l > limit ? 1 / l : 0), _measure.Nodes.Count,
            _solveResidual <= Math.Sqrt(Precision.Epsilon(_operator.Dtype)));
    }

    private static Tensor RangeVector(SymmetricOperator h, long seed)
    {
        using var random = new RandomVectors(seed, h.Size, h.Dtype, h.Device);
        return h.Apply(random.Normal().to(h.Dtype)).reshape(-1);
    }
}
