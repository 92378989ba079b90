namespace LocalHessian.Spectra;

/// <summary>The diagonal of an operator from products with random vectors.</summary>
public static class DiagonalEstimator
{
    /// <summary><c>diag H ≈ mean of v∘Hv</c> over random signs v (Bekas, Kokiopoulou and Saad 2007).</summary>
    /// <param name="op">The operator; symmetry is not needed.</param>
    /// <param name="probes">
    /// The number of random vectors, at least two; an entry's variance is the sum of squares of its row off the diagonal, over
    /// it.
    /// </param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <param name="progress">Is told between groups of vectors; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two probes.</exception>
    /// <exception cref="InvalidOperationException">A product is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public static DiagonalEstimate Hutchinson(
        LinearOperator op, int probes = 100, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        using var call = new RandomizedCall(op, seed);
        var run = new ProbeProducts(op, probes, new Progress("diagonal", progress, cancellationToken));
        var (sum, squares) = (zeros(op.Size, ScalarType.Float64, op.Device), zeros(op.Size, ScalarType.Float64, op.Device));
        // Deviations from the first sample: their squares lose nothing where all samples are close to the mean.
        Tensor? first = null;
        while (run.Count < probes)
        {
            using var group = NewDisposeScope();
            var signs = call.Random.Signs(Math.Min(run.AtOnce, probes - run.Count));
            var samples = (signs * run.Of(signs)).to(ScalarType.Float64);
            first ??= samples.select(1, 0).clone().MoveToOuterDisposeScope();
            samples = samples - first.unsqueeze(1);
            sum.add_(samples.sum(1, type: ScalarType.Float64));
            squares.add_(samples.square().sum(1, type: ScalarType.Float64));
        }

        var mean = sum / probes;
        var variance = (squares / probes - mean.square()).clamp_min(0) / (probes - 1);
        return Result(first! + mean, variance.sqrt(), run.Count, op.Dtype);
    }

    /// <summary>
    /// XDiag (Epperly, Tropp and Webber 2024, §5): the diagonal on the span of a sketch exactly, and of the remainder by the
    /// sketch's own vectors, each against the sketch of the others. For spectra that decay the error falls as fast as they do.
    /// </summary>
    /// <remarks>
    /// With <c>HΩ = QR</c>, Z = HQ and the vectors s_i of XTrace: <c>Q∘Z·1 + mean of (−Qs_i∘Zs_i + (s_iᵀr_i)·ω_i∘Qs_i)</c> over
    /// the m signs ω_i. m vectors are held five times.
    /// </remarks>
    /// <param name="op">The operator.</param>
    /// <param name="products">
    /// The number of products, at least four; half for each of sketch and exact part. When a half reaches the operator's size
    /// the diagonal is computed exactly instead.
    /// </param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <param name="progress">Is told between groups of vectors; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <returns>
    /// The standard errors are the spread of the m estimators over √m; they are nearly, not quite, independent.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than four products.</exception>
    /// <inheritdoc cref="Hutchinson" path="/exception[position() > 1]"/>
    public static DiagonalEstimate XDiag(
        SymmetricOperator op, int products = 100, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(products, 4);
        using var call = new RandomizedCall(op, seed);
        var (n, m) = (op.Size, products / 2);
        var watch = new Progress("diagonal", progress, cancellationToken);
        if (m >= n)
        {
            var all = new ProbeProducts(op, n, watch);
            var diagonal = all.Of(eye(n, dtype: Precision.Working(op.Dtype), device: op.Device)).diagonal();
            return Result(diagonal, zeros_like(diagonal), all.Count, op.Dtype);
        }

        var run = new ProbeProducts(op, 2 * m, watch);
        var omega = call.Random.Signs(m);
        if (LeaveOneOut.Of(run.Of(omega)) is not var (q, r, s))
        {
            var zero = zeros(n, omega.dtype, op.Device);
            return Result(zero, zero.clone(), run.Count, op.Dtype);
        }

        var z = run.Of(q);
        var (qs, zs) = (q.mm(s), z.mm(s));
        var samples = qs * (omega * (s * r).sum(0, type: r.dtype) - zs);
        return Result((q * z).sum(1, type: q.dtype) + samples.mean([1]), samples.std(1) / Math.Sqrt(m), run.Count, op.Dtype);
    }

    private static DiagonalEstimate Result(Tensor values, Tensor errors, int products, ScalarType dtype)
    {
        var working = Precision.Working(dtype);
        return new(values.to(working).MoveToOuterDisposeScope(), errors.to(working).MoveToOuterDisposeScope(), products);
    }
}
