namespace LocalHessian;

/// <summary>Which Hessian, and how.</summary>
public sealed record HessianOptions
{
    /// <summary>Full, Gauss-Newton or residual.</summary>
    /// <value>Default <see cref="HessianPart.Full"/>.</value>
    public HessianPart Part { get; init; }

    /// <summary>Sum or mean over the batch.</summary>
    /// <value>Default <see cref="BatchReduction.Sum"/>, the Hessian of eq. (5).</value>
    public BatchReduction Batch { get; init; }

    /// <summary>Closed form or differentiation.</summary>
    /// <value>Default <see cref="HessianMethod.Automatic"/>.</value>
    public HessianMethod Method { get; init; }

    /// <summary>
    /// The largest dense result in bytes; by default <see cref="MatrixTooLargeException.DefaultLimit"/>. Operators ignore it.
    /// </summary>
    public long? MaxBytes { get; init; }

    /// <summary>The Gauss-Newton part, summed over the batch.</summary>
    public static HessianOptions GaussNewton { get; } = new() { Part = HessianPart.GaussNewton };

    /// <summary>The residual part, summed over the batch.</summary>
    public static HessianOptions Residual { get; } = new() { Part = HessianPart.Residual };
}
