using LocalHessian.Internal;
using LocalHessian.Spectra;
using static TorchSharp.torch;

namespace LocalHessian.Reporting;

/// <summary>What few products tell of the spectrum of a large semi-definite operator, and of a gradient in its range.</summary>
internal sealed class KrylovSpectrum
{
    private readonly SymmetricOperator _operator;
    private readonly double[] _nodes, _weights;
    private readonly (double Largest, double Smallest, bool Converged) _extremes;
    private readonly double _solveResidual;
    private readonly List<(double Node, double Weight)[]> _probes;

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
        var rule = new ExtremesRule(process, h, largest => h.Size * Precision.Epsilon(h.Dtype) * largest, progress.Cancellation);
        var part = progress.Part(null, 0, 1 / runs);
        // A gradient of zero lies in the range too, and tells nothing: then any other vector of the range.
        if (!LanczosDriver.Run(process, gradient, null, null, part))
            LanczosDriver.Run(process, RangeVector(h, options.Seed), null, null, part);
        if (process.Blocks.Count == 0)
        {
            (_nodes, _weights, _extremes) = ([0], [1], (0, double.NaN, true));
        }
        else
        {
            rule.Met(open: false);
            _extremes = rule.Extremes;
            var (values, vectors) = process.Blocks[0].Solve();
            var last = values.Length - 1;
            _nodes = values;
            _weights = [.. values.Select((_, i) => vectors[0, i] * vectors[0, i])];
            var limit = Limit;
            _solveResidual = process.Blocks[0].Beta * Math.Abs(values.Select((v, i) =>
                v > limit ? vectors[last, i] * vectors[0, i] / v : 0).Sum());
        }

        _probes = SpectralDensity.Quadratures(h, options.Probes, steps, options.Seed, progress.Part(null, 1 / runs, 1));
    }

    private double Limit => _operator.Size * Precision.Epsilon(_operator.Dtype) * _extremes.Largest;

    public HessianSummary Summary(double samples)
    {
        var n = _operator.Size;
        var means = _probes.Select(p => p.Sum(x => x.Node * x.Weight)).ToArray();
        var ranks = _probes.Select(p => n * p.Where(x => Math.Abs(x.Node) > Limit).Sum(x => x.Weight)).ToArray();
        var top = _probes.Max(p => p.Max(x => x.Node));
        var largest = Math.Max(_extremes.Largest, top);
        // The gradient may have no part along the largest eigenvector.
        var converged = _extremes.Converged
            && top <= _extremes.Largest * (1 + Math.Pow(Precision.Epsilon(_operator.Dtype), 2.0 / 3));
        return new(
            n, means.Average() / samples, Error(means) / samples, largest / samples, _extremes.Smallest / samples,
                largest / _extremes.Smallest,
            ranks.Average(), Error(ranks), converged);
    }

    /// <summary>
    /// For a step of size one along the gradient: <c>gᵀHg</c> and <c>gᵀH⁺g</c> are Gauss quadratures of λ and 1/λ.
    /// </summary>
    public SignalEfficiency Efficiency(Tensor gradient, double loss)
    {
        var norm = gradient.to(ScalarType.Float64).norm().item<double>();
        var gg = norm * norm;
        if (gg == 0) return new(loss, 0, 0, 0, 0, true);
        var curvature = _nodes.Zip(_weights, (l, w) => l * w).Sum();
        var best = _nodes.Zip(_weights, (l, w) => l > Limit ? w / l : 0).Sum() * gg / 2;
        return new(
            loss, gg - gg * curvature / 2, gg / curvature / 2, best, _nodes.Length,
                _solveResidual <= Math.Sqrt(Precision.Epsilon(_operator.Dtype)));
    }

    private static Tensor RangeVector(SymmetricOperator h, long seed)
    {
        using var random = new RandomVectors(seed, h.Size, h.Dtype, h.Device);
        return h.Apply(random.Normal().to(h.Dtype)).reshape(-1);
    }

    private static double Error(double[] values)
    {
        var mean = values.Average();
        return Math.Sqrt(values.Sum(v => (v - mean) * (v - mean)) / (values.Length - 1) / values.Length);
    }
}
