namespace LocalHessian.Spectra;

/// <summary>The products of an estimator: in groups, counted, known to be finite, in the operator's working precision.</summary>
/// <param name="op">The operator.</param>
/// <param name="expected">Products that the estimator will take, for its progress.</param>
/// <param name="progress">Told before each group.</param>
internal sealed class ProbeProducts(LinearOperator op, long expected, Progress progress)
{
    /// <summary>Products so far.</summary>
    public int Count { get; private set; }

    /// <summary>Vectors in a group.</summary>
    public long AtOnce { get; init; } = LinearOperator.VectorsAtOnce(op.Size);

    /// <summary>The products with columns <c>(n, k)</c>, each contiguous.</summary>
    /// <exception cref="InvalidOperationException">One is NaN or infinite.</exception>
    public Tensor Of(Tensor columns)
    {
        var products = Unchecked(columns);
        ThrowIfNotFinite(products);
        return products;
    }

    /// <summary><c>vᵀHv</c> of each column v.</summary>
    /// <remarks>
    /// libtorch's sums go in a tree, so that float32 is enough; and they show a product that is not finite for a fifth of the
    /// cost of looking at every number.
    /// </remarks>
    public double[] Quadratic(Tensor columns) => Numbers((columns * Unchecked(columns)).sum(0, type: columns.dtype));

    /// <summary><c>‖Hv‖²</c> of each column v, summed in float64.</summary>
    public double[] Squares(Tensor columns) => Numbers(Unchecked(columns).square().sum(0, type: ScalarType.Float64));

    /// <summary>
    /// A number of each of <paramref name="count"/> random vectors, drawn a group at a time; by default <c>vᵀHv</c>.
    /// </summary>
    public List<double> Samples(int count, Func<long, Tensor> draw, Func<Tensor, double[]>? number = null)
    {
        var samples = new List<double>(count);
        while (samples.Count < count)
        {
            using var scope = NewDisposeScope();
            samples.AddRange((number ?? Quadratic)(draw(Math.Min(AtOnce, count - samples.Count))));
        }

        return samples;
    }

    private double[] Numbers(Tensor values)
    {
        ThrowIfNotFinite(values);
        return values.ToNumbers();
    }

    private void ThrowIfNotFinite(Tensor values)
    {
        if (!Finite.Is(values))
            throw new NonFiniteProductException($"A product of {op.GetType().Name} with a random vector is not finite.");
    }

    private Tensor Unchecked(Tensor columns)
    {
        if (columns.shape[1] <= AtOnce) return Next(columns).to(columns.dtype);
        var products = empty([columns.shape[1], op.Size], columns.dtype, columns.device).t();
        for (long start = 0; start < columns.shape[1]; start += AtOnce)
        {
            using var scope = NewDisposeScope();
            var group = Math.Min(AtOnce, columns.shape[1] - start);
            products.narrow(1, start, group).copy_(Next(columns.narrow(1, start, group)));
        }

        return products;
    }

    private Tensor Next(Tensor columns)
    {
        progress.At((double)Count / expected);
        var products = op.Apply(columns.to(op.Dtype), progress.Cancellation);
        Count += (int)columns.shape[1];
        if (Count >= expected) progress.At(1);
        return products;
    }
}
