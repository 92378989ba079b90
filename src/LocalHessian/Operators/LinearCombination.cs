namespace LocalHessian;

/// <summary><c>αA</c>, or <c>αA + βB</c>.</summary>
internal sealed class LinearCombination : LinearOperator
{
    private readonly double _alpha, _beta;
    private readonly LinearOperator _a;
    private readonly LinearOperator? _b;

    public LinearCombination(double alpha, LinearOperator a) : base(Argument.ThrowIfNull(a).Size, a.Dtype, a.Device)
    {
        if (!double.IsFinite(alpha))
            throw new ArgumentException($"An operator can only be scaled by a finite number, not by {alpha}.", nameof(alpha));
        (_alpha, _a) = (alpha, a);
    }

    public LinearCombination(double alpha, LinearOperator a, double beta, LinearOperator b) : this(alpha, a)
    {
        ProductOperator.ThrowIfUnlike(a, b);
        (_beta, _b) = (beta, b);
    }

    protected override Tensor Multiply(Tensor columns)
    {
        // Each product is a tensor of our own, so the arithmetic is done in place.
        var product = _a.Apply(columns, Cancellation);
        if (_alpha != 1) product.mul_(_alpha);
        if (_b is not null) product.add_(_b.Apply(columns, Cancellation), alpha: _beta);
        return product;
    }
}
