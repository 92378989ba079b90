namespace LocalHessian.Spectra;

/// <summary>How far and from where <see cref="Lanczos"/> goes.</summary>
public sealed record LanczosOptions
{
    /// <summary>The largest number of products, which is the largest size of the stored basis.</summary>
    /// <value>The default is 200; the operator's size caps it.</value>
    public int MaxSteps { get; init; } = 200;

    /// <summary>
    /// The residual <c>‖Hv − λv‖</c> at which a pair counts as converged, relative to the largest <c>|λ|</c> found.
    /// </summary>
    /// <value>
    /// The default, null, is <c>eps^⅔</c> of the operator's dtype: 3.7e-11 in float64, 2.4e-5 in float32; in half precision it is
    /// <c>eps</c>, 9.8e-4 in float16 and 7.8e-3 in bfloat16, a few times what rounding the vector and its product costs.
    /// </value>
    public double? Tolerance { get; init; }

    /// <summary>Seeds the start vector and those after a breakdown. The default is 0.</summary>
    public long Seed { get; init; }

    /// <summary>A start vector of shape <c>(n)</c>, not zero, which stays the caller's; by default a normal random one.</summary>
    public Tensor? Start { get; init; }

    internal static double DefaultTolerance(ScalarType dtype)
    {
        var epsilon = Precision.Epsilon(dtype);
        return dtype == Precision.Working(dtype) ? Math.Pow(epsilon, 2.0 / 3) : epsilon;
    }

    internal void Validate(SymmetricOperator op, int largest, int smallest)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(largest);
        ArgumentOutOfRangeException.ThrowIfNegative(smallest);
        var wanted = (long)largest + smallest;
        if (wanted == 0 || wanted > op.Size)
            throw new ArgumentOutOfRangeException(
                nameof(largest), wanted,
                $"Ask for at least one eigenvalue and at most the operator's {op.Size}, largest and smallest together.");
        if (Math.Min(MaxSteps, op.Size) < wanted)
            throw new ArgumentOutOfRangeException(
                nameof(MaxSteps), MaxSteps, $"{wanted} eigenvalues need at least as many steps.");
        Finite.ThrowIfNegative(Tolerance, "The tolerance", nameof(Tolerance));
        if (Start is not null) ThrowIfUnfit(Start, op);
    }

    internal static void ThrowIfUnfit(Tensor start, SymmetricOperator op)
    {
        if (start.dim() != 1 || start.shape[0] != op.Size)
            throw new ArgumentException(
                $"The start vector has shape {Describe.Shape(start)}; it must be [{op.Size}].", nameof(start));
        if (start.dtype != op.Dtype || !LinearOperator.SameDevice(start.device, op.Device))
            throw new ArgumentException(
                $"The start vector is {start.dtype} on {start.device}, the operator {op.Dtype} on {op.Device}.", nameof(start));
        Finite.ThrowUnless(start, "The start vector", nameof(start));
    }
}
