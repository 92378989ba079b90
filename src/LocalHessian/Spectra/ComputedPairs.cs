namespace LocalHessian.Spectra;

/// <summary>Approximate eigenpairs, ascending, whose residuals have been computed by one more product each.</summary>
/// <param name="Values">The Rayleigh quotients <c>vᵀHv/vᵀv</c>: for a given vector, what makes the residual smallest.</param>
/// <param name="Residuals"><c>‖Hv − λv‖/‖v‖</c> in float64, of the vectors and products as the operator's dtype has them.</param>
/// <param name="Vectors">Unit vectors, <c>(n, k)</c> in the operator's dtype.</param>
internal sealed record ComputedPairs(double[] Values, double[] Residuals, Tensor Vectors)
{
    /// <summary>From pairs of the recurrence. The vectors belong to the current scope.</summary>
    public static ComputedPairs Of(
        LanczosProcess process, SymmetricOperator op, IReadOnlyList<RitzPair> pairs, CancellationToken cancellation)
    {
        var vectors = empty([pairs.Count, op.Size], op.Dtype, op.Device).t();
        var (values, residuals) = (new double[pairs.Count], new double[pairs.Count]);
        var group = (int)LinearOperator.VectorsAtOnce(op.Size);
        for (var first = 0; first < pairs.Count; first += group)
        {
            using var scope = NewDisposeScope();
            var some = pairs.Skip(first).Take(group).ToList();
            var columns = vectors.narrow(1, first, some.Count);
            var combined = process.Combine(Coefficients(some, process.Count));
            columns.copy_(combined / combined.norm(0, keepdim: true));
            var product = op.Apply(columns, cancellation).to(ScalarType.Float64);
            var (lambda, residual) = Residual(columns.to(ScalarType.Float64), product, op);
            lambda.CopyTo(values, first);
            residual.CopyTo(residuals, first);
        }

        var order = Enumerable.Range(0, values.Length).OrderBy(i => values[i]).ToArray();
        using var permutation = tensor(Array.ConvertAll(order, i => (long)i), device: op.Device);
        return new(
            Array.ConvertAll(order, i => values[i]), Array.ConvertAll(order, i => residuals[i]),
            vectors.t().index_select(0, permutation).t());
    }

    public bool Meets(IReadOnlyList<double> tolerances) => Residuals.Zip(tolerances).All(p => p.First <= p.Second);

    private static (double[] Values, double[] Residuals) Residual(Tensor v, Tensor hv, SymmetricOperator op)
    {
        var scale = hv.abs().max().item<double>();
        if (!double.IsFinite(scale))
            throw new NonFiniteProductException($"A product of {op.GetType().Name} with a unit vector is not finite.");
        // Squares of very large and very small numbers leave the range.
        if (scale > 0) hv = hv / scale;
        var squares = v.square().sum(0, type: ScalarType.Float64);
        var lambda = (v * hv).sum(0, type: ScalarType.Float64) / squares;
        var residual = (hv - v * lambda).norm(0) / squares.sqrt();
        return ((lambda * scale).ToNumbers(), (residual * scale).ToNumbers());
    }

    private static Tensor Coefficients(List<RitzPair> pairs, int rows)
    {
        var coefficients = zeros(rows, pairs.Count, ScalarType.Float64, CPU);
        for (var i = 0; i < pairs.Count; i++)
        {
            var place = coefficients.narrow(0, pairs[i].Block.First, pairs[i].Coefficients.Length).select(1, i);
            place.copy_(tensor(pairs[i].Coefficients, ScalarType.Float64, CPU));
        }

        return coefficients;
    }
}
