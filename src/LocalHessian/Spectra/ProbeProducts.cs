using LocalHessian.Internal;
using static TorchSharp.torch;

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
        var products = empty([columns.shape[1], op.Size], columns.dtype, columns.device).t();
        for (long start = 0; start < columns.shape[1]; start += AtOnce)
        {
            using var scope = NewDisposeScope();
            progress.At((double)Count / expected);
            var group = Math.Min(AtOnce, columns.shape[1] - start);
            products.narrow(1, start, group).copy_(op.Apply(columns.narrow(1, start, group).to(op.Dtype), progress.Cancellation));
            Count += (int)group;
        }

        if (!products.isfinite().all().item<bool>())
            throw new NonFiniteProductException($"A product of {op.GetType().Name} with a random vector is not finite.");
        if (Count >= expected) progress.At(1);
        return products;
    }

    /// <summary><c>vᵀHv</c> of each column v, summed in float64.</summary>
    public double[] Quadratic(Tensor columns) =>
        (columns * Of(columns)).sum(0, type: ScalarType.Float64).cpu().data<double>().ToArray();

    /// <summary><c>‖Hv‖²</c> of each column v, summed in float64.</summary>
    public double[] Squares(Tensor columns) =>
        Of(columns).square().sum(0, type: ScalarType.Float64).cpu().data<double>().ToArray();
}
