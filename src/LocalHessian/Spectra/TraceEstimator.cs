namespace LocalHessian.Spectra;

/// <summary>The trace of an operator from products with random vectors.</summary>
/// <remarks>Vectors are handed over in groups of at most 64 and a million numbers.</remarks>
public static partial class TraceEstimator
{
    /// <summary><c>tr H ≈ mean of vᵀHv</c> over random signs v: Hutchinson 1989.</summary>
    /// <param name="op">The operator; symmetry is not needed.</param>
    /// <param name="probes">The number of random vectors, at least two; the error falls with its square root.</param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <param name="progress">Is told between groups of vectors; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than two probes.</exception>
    /// <exception cref="InvalidOperationException">A product is NaN or infinite.</exception>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public static TraceEstimate Hutchinson(
        LinearOperator op, int probes = 100, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(probes, 2);
        using var call = new RandomizedCall(op, seed);
        var run = new ProbeProducts(op, probes, new Progress("trace", progress, cancellationToken));
        return TraceEstimate.Of(run.Samples(probes, call.Random.Signs), probes);
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
    /// <param name="progress">Is told between groups of vectors; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <returns>The standard error is that of the remainder given the sketch.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than six products.</exception>
    /// <inheritdoc cref="Hutchinson" path="/exception[position() > 1]"/>
    public static TraceEstimate HutchPlusPlus(
        LinearOperator op, int products = 99, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(products, 6);
        using var call = new RandomizedCall(op, seed);
        var third = products / 3;
        var watch = new Progress("trace", progress, cancellationToken);
        if (third >= op.Size) return Exact(op, watch);

        var run = new ProbeProducts(op, 3 * third, watch);
        var (q, _) = linalg.qr(run.Of(call.Random.Signs(third)));
        var exact = run.Quadratic(q).Sum();
        var samples = run.Samples(third, count =>
        {
            var g = call.Random.Signs(count);
            return g - q.mm(q.t().mm(g));
        });
        return TraceEstimate.Of(samples, run.Count, exact);
    }
}
