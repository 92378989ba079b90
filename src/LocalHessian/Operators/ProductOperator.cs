namespace LocalHessian;

/// <summary><c>AB</c>: <c>B</c> first, then <c>A</c>.</summary>
internal sealed class ProductOperator : LinearOperator
{
    private readonly LinearOperator _a, _b;

    public ProductOperator(LinearOperator a, LinearOperator b) : base(ThrowIfUnlike(a, b).Size, a.Dtype, a.Device) =>
        (_a, _b) = (a, b);

    protected override Tensor Multiply(Tensor columns) => _a.Apply(_b.Apply(columns, Cancellation), Cancellation);

    internal static LinearOperator ThrowIfUnlike(LinearOperator a, LinearOperator b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        if (a.Size != b.Size || a.Dtype != b.Dtype || !SameDevice(a.Device, b.Device))
            throw new ArgumentException(
                $"Operators can be combined when size, dtype and device agree: {a.Size} {a.Dtype} on {a.Device} " +
                $"against {b.Size} {b.Dtype} on {b.Device}.", nameof(b));
        return a;
    }
}
