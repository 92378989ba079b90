namespace LocalHessian.Spectra;

public static partial class TraceEstimator
{
    /// <summary>
    /// XTrace (Epperly, Tropp and Webber 2024): as Hutch++, but each of m vectors ω serves both as part of the sketch and,
    /// against the sketch of the others, as probe of the remainder. For spectra that decay it needs the fewest products of all;
    /// its error falls as fast as the spectrum.
    /// </summary>
    /// <remarks>
    /// The mean over i of <c>tr(Q_iᵀAQ_i) + (n − m + 1)·uᵀAu/uᵀu</c>, <c>u = (I − Q_iQ_iᵀ)ω_i</c>, Q_i the span of all
    /// <c>Aω_j</c> but the i-th: the estimators are exchangeable, and normalising u (resphering) removes what the length of ω
    /// would add to the variance. m vectors are held three times.
    /// </remarks>
    /// <param name="op">The operator; symmetry is not needed.</param>
    /// <param name="products">
    /// The number of products, at least four; half for each of sketch and exact part. When a half reaches the operator's size
    /// the trace is computed exactly instead.
    /// </param>
    /// <param name="seed">Fixes the random vectors.</param>
    /// <param name="progress">Is told between groups of vectors; null for nobody.</param>
    /// <param name="cancellationToken">Stops the call within one product.</param>
    /// <returns>
    /// The standard error is the spread of the m estimators over √m, as they recommend: they are nearly, not quite, independent.
    /// </returns>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than four products.</exception>
    /// <inheritdoc cref="Hutchinson" path="/exception[position() > 1]"/>
    public static TraceEstimate XTrace(
        LinearOperator op, int products = 100, long seed = 0,
        IProgress<OperationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(op);
        ArgumentOutOfRangeException.ThrowIfLessThan(products, 4);
        using var call = new RandomizedCall(op, seed);
        var (n, m) = (op.Size, products / 2);
        var watch = new Progress("trace", progress, cancellationToken);
        if (m >= n) return Exact(op, watch);

        var run = new ProbeProducts(op, 2 * m, watch);
        var omega = call.Random.Normal(m);
        omega = omega * (Math.Sqrt(n) / omega.norm(0, keepdim: true));
        if (LeaveOneOut.Of(run.Of(omega)) is not var (q, r, s)) return new(0, 0, run.Count);
        var z = run.Of(q);
        var (h, w, t) = (q.t().mm(z), q.t().mm(omega), z.t().mm(omega));
        // Coefficients in Q of the part of ω_i that lies in Q_i; what is left of ω_i is u.
        var a = w - s * Columns(s, w);
        var quadratic = Columns(w, r) - Columns(t, a) - Columns(a, r) + Columns(a, h.mm(a));
        var normed = (n - m + 1) * quadratic / (n - Columns(a, a));
        var samples = h.trace() - Columns(s, h.mm(s)) + normed;
        return TraceEstimate.Of(samples.ToNumbers(), run.Count);
    }

    /// <summary>The products of equal columns, <c>(k)</c>.</summary>
    private static Tensor Columns(Tensor a, Tensor b) => (a * b).sum(0, type: a.dtype);

    private static TraceEstimate Exact(LinearOperator op, Progress progress)
    {
        var run = new ProbeProducts(op, op.Size, progress);
        var identity = eye(op.Size, dtype: Precision.Working(op.Dtype), device: op.Device);
        return new TraceEstimate(run.Quadratic(identity).Sum(), 0, run.Count);
    }
}
