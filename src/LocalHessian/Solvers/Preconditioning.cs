namespace LocalHessian;

/// <summary>A preconditioner as float64 code uses it.</summary>
internal static class Preconditioning
{
    public static Func<Tensor, Tensor>? Of(SymmetricOperator? inverse, CancellationToken cancellation) => inverse is null
        ? null
        : r => inverse.Apply(r.to(inverse.Dtype), cancellation).to(ScalarType.Float64);

    /// <summary><c>rᵀM⁻¹r</c>, which a definite M keeps above zero.</summary>
    public static double Dot(Tensor r, Tensor z)
    {
        var value = Plain(r, z);
        if (!(value >= 0 && double.IsFinite(value)))
            throw new InvalidOperationException(
                FormattableString.Invariant($"The preconditioner is not positive definite: rᵀM⁻¹r = {value:G3}."));
        return value;
    }

    public static double Norm(Tensor a)
    {
        using var norm = a.norm();
        return norm.item<double>();
    }

    public static double Plain(Tensor a, Tensor b)
    {
        using var product = a.dot(b);
        return product.item<double>();
    }
}
