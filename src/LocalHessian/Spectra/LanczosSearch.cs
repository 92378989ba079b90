using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Spectra;

/// <summary>Which Ritz pairs are wanted, and whether they are good enough.</summary>
internal sealed class LanczosSearch(
    LanczosProcess process, SymmetricOperator op, int largest, int smallest, double relativeTolerance)
{
    private readonly List<RitzPair> _earlier = [];
    private int _earlierBlocks;
    private List<RitzPair> _wanted = [];
    private double _tolerance;
    private bool _converged;

    /// <summary>Solves what there is so far; true when the search is over.</summary>
    public bool Check()
    {
        for (; _earlierBlocks < process.Blocks.Count - 1; _earlierBlocks++)
            _earlier.AddRange(Solve(process.Blocks[_earlierBlocks]));
        var block = process.Blocks[^1];
        var current = Solve(block);
        var all = _earlier.Concat(current).OrderBy(p => p.Value).ToList();
        _tolerance = relativeTolerance * Math.Max(Math.Abs(all[0].Value), Math.Abs(all[^1].Value));
        if (all.Count < largest + smallest) return false;
        _wanted = [.. all.Take(smallest), .. all.TakeLast(largest)];

        if (process.Count == op.Size) return _converged = true;
        var ends = new List<RitzPair>();
        if (smallest > 0) ends.Add(current[0]);
        if (largest > 0) ends.Add(current[^1]);
        return _converged = _wanted.Concat(ends).All(p => p.Residual <= _tolerance) && (block.Beta > 0 || AddsNothing(current));
    }

    public LanczosResult Result()
    {
        var roundOff = Precision.Epsilon(op.Dtype) * process.Scale;
        return new LanczosResult(
            [.. _wanted.Select(p => p.Value)], [.. _wanted.Select(p => Math.Max(p.Residual, roundOff))],
            process.Count, _converged, _tolerance);
    }

    public Tensor Vectors()
    {
        var coefficients = zeros(process.Count, _wanted.Count, ScalarType.Float64);
        for (var i = 0; i < _wanted.Count; i++)
            coefficients.narrow(0, _wanted[i].Block.First, _wanted[i].Coefficients.Length).select(1, i)
                .copy_(tensor(_wanted[i].Coefficients));
        return process.Combine(coefficients);
    }

    /// <summary>
    /// A complete space says nothing of further copies of its eigenvalues: the search ends at the first random restart that
    /// stays inside what the earlier blocks already hold.
    /// </summary>
    private bool AddsNothing(List<RitzPair> current)
    {
        if (_earlier.Count < largest + smallest) return false;
        var earlier = _earlier.Select(p => p.Value).Order().ToList();
        return (largest == 0 || current[^1].Value <= earlier[^largest] + _tolerance)
            && (smallest == 0 || current[0].Value >= earlier[smallest - 1] - _tolerance);
    }

    private static List<RitzPair> Solve(LanczosBlock block)
    {
        var (values, vectors) = block.Solve();
        var n = values.Length;
        var pairs = new List<RitzPair>(n);
        for (var i = 0; i < n; i++)
        {
            var coefficients = new double[n];
            for (var j = 0; j < n; j++) coefficients[j] = vectors[j, i];
            pairs.Add(new RitzPair(values[i], block.Beta * Math.Abs(coefficients[^1]), block, coefficients));
        }
        return pairs;
    }

    private sealed record RitzPair(double Value, double Residual, LanczosBlock Block, double[] Coefficients);
}
