using LocalHessian.Scaling;

namespace LocalHessian.Optim;

/// <summary>Options of <see cref="ScaleAmendedSGD"/>: those of SGD, and how blocks are scaled.</summary>
public sealed record ScaleAmendedSGDOptions : ScaledSGDOptions
{
    /// <summary>Where scales come from, and the conventions of eq. (24).</summary>
    /// <value>The default is the closed form, for chains only; other networks need <see cref="ScaleSource.Composite"/>.</value>
    public ScalingOptions Scaling { get; init; } = new();
}
