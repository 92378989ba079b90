namespace LocalHessian;

/// <summary><c>(1/N) Σ g_i g_iᵀ − g gᵀ</c>; N times that for sums.</summary>
internal sealed class GradientCovarianceOperator : SymmetricOperator
{
    private readonly SymmetricOperator _secondMoment;
    private readonly Func<CancellationToken, (Tensor Gradient, double Weight)> _mean;
    private readonly ParameterLayout _theta;
    private readonly int[][] _groups;
    private (Tensor Gradient, double Weight)? _known;

    /// <param name="secondMoment">Σ g_i g_iᵀ, reduced.</param>
    /// <param name="mean">Σ g_i, reduced, and the weight of its outer product.</param>
    /// <param name="theta">The parameters.</param>
    /// <param name="blocks">Which blocks are kept.</param>
    public GradientCovarianceOperator(
        SymmetricOperator secondMoment, Func<CancellationToken, (Tensor Gradient, double Weight)> mean, ParameterLayout theta,
        CurvatureBlocks blocks)
        : base(secondMoment.Size, secondMoment.Dtype, secondMoment.Device) =>
        (_secondMoment, _mean, _theta, _groups) = (secondMoment, mean, theta, theta.Groups(blocks));

    protected override Tensor Multiply(Tensor columns)
    {
        if (_known is null)
        {
            var (mean, weight) = _mean(Cancellation);
            _known = (mean.DetachFromDisposeScope(), weight);
        }

        var (gradient, share) = _known.Value;
        var product = _secondMoment.Apply(columns, Cancellation);
        foreach (var group in _groups)
        {
            var inner = group.Select(i => Part(gradient, i).matmul(Part(columns, i))).Aggregate((a, b) => a + b) * share;
            foreach (var i in group) Part(product, i).sub_(Part(gradient, i).unsqueeze(1) * inner);
        }

        return product;
    }

    private Tensor Part(Tensor t, int parameter) =>
        t.narrow(0, _theta.Parameters[parameter].Offset, _theta.Parameters[parameter].Count);

    protected override void Release()
    {
        _secondMoment.Dispose();
        _known?.Gradient.Dispose();
    }
}
