using static TorchSharp.torch;

namespace LocalHessian.Spectra;

/// <summary>The trace of an operator from products with random vectors.</summary>
/// <remarks>Vectors are handed over in groups of at most four million numbers.</remarks>
public static class TraceEstimator
{
    private const long NumbersAtOnce = 1 << 22;

    /// <summary><c>tr H ≈ mean of vᵀHv</c> over random signs v: Hutchinson 1989.</summary>
    /// <param name="op">The operator; symmetry is not needed.</param>
    /// <param name="probes">The number of random vectors, at least two; the error falls with its square root.</param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two probes.</exception>
    /// <exception cref="InvalidOperationException">A product is NaN or infinite.</exception>
    public static TraceEstimate Hutchinson(LinearOperator op, int probes = 100, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var random = new RandomVectors(seed);
        return Mean(Samples(op, probes, count => random.Signs(op, count)), 0, probes);
    }

    /// <summary>
    /// Hutch++ (Meyer, Musco, Musco and Woodruff 2021): the trace on the span of a random sketch exactly, Hutchinson on its
    /// complement. For spectra that decay, as local Hessians' do, the error falls with the number of products itself.
    /// </summary>
    /// <param name="op">The operator, best when it is close to positive semi-definite.</param>
    /// <param name="products">
    /// The number of products, at least six; a third goes into each of sketch, exact part and remainder. As many vectors as
    /// the sketch has are held. When a third reaches the operator's size the trace is computed exactly instead.
    /// </param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <returns>The standard error is that of the remainder given the sketch.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than six products.</exception>
    /// <exception cref="InvalidOperationException">A product is NaN or infinite.</exception>
    public static TraceEstimate HutchPlusPlus(LinearOperator op, int products = 99, long seed = 0)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(products, 6);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        using var random = new RandomVectors(seed);
        var third = products / 3;
        var dtype = Precision.Working(op.Dtype);
        if (third >= op.Size)
        {
            var identity = eye(op.Size, dtype: dtype, device: op.Device);
            return new TraceEstimate(Quadratic(op, identity).Sum(), 0, (int)op.Size);
        }
        var sketch = Products(op, random.Signs(op, third));
        ThrowIfNotFinite(sketch, op);
        var (q, _) = linalg.qr(sketch);
        var exact = Quadratic(op, q).Sum();
        var samples = Samples(op, third, count =>
        {
            var g = random.Signs(op, count);
            return g - q.mm(q.t().mm(g));
        });
        return Mean(samples, exact, 3 * third);
    }

    private static TraceEstimate Mean(List<double> samples, double offset, int products)
    {
        var mean = samples.Average();
        var variance = samples.Sum(s => (s - mean) * (s - mean)) / (samples.Count - 1);
        return new TraceEstimate(offset + mean, Math.Sqrt(variance / samples.Count), products);
    }

    private static List<double> Samples(LinearOperator op, int count, Func<long, Tensor> draw)
    {
        var samples = new List<double>(count);
        var group = Math.Clamp(NumbersAtOnce / op.Size, 1, count);
        while (samples.Count < count)
        {
            using var scope = NewDisposeScope();
            samples.AddRange(Quadratic(op, draw(Math.Min(group, count - samples.Count))));
        }
        return samples;
    }

    /// <summary><c>vᵀHv</c> of each column.</summary>
    private static double[] Quadratic(LinearOperator op, Tensor columns)
    {
        var values = (columns * Products(op, columns)).sum(0, type: ScalarType.Float64).cpu();
        ThrowIfNotFinite(values, op);
        return values.data<double>().ToArray();
    }

    private static Tensor Products(LinearOperator op, Tensor columns) => op.Apply(columns.to(op.Dtype)).to(columns.dtype);

    private static void ThrowIfNotFinite(Tensor values, LinearOperator op)
    {
        if (!values.isfinite().all().item<bool>())
            throw new InvalidOperationException($"A product of {op.GetType().Name} with a random vector is not finite.");
    }
}
