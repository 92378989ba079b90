namespace LocalHessian.Scaling;

/// <summary>Choices the paper leaves open in eq. (24) and C.1.</summary>
public sealed record ScalingOptions
{
    /// <summary>Where <c>s</c> and <c>c</c> are read.</summary>
    /// <value>The default is <see cref="PositionConvention.BlockOutput"/>.</value>
    public PositionConvention Positions { get; init; } = PositionConvention.BlockOutput;

    /// <summary>Treatment of the last block.</summary>
    /// <value>The default is <see cref="HeadRule.Amended"/>, as in the paper.</value>
    public HeadRule Head { get; init; } = HeadRule.Amended;

    /// <summary>Treatment of biases, gains and shifts.</summary>
    /// <value>The default is <see cref="AuxiliaryRule.Scaled"/>.</value>
    public AuxiliaryRule Auxiliary { get; init; } = AuxiliaryRule.Scaled;

    /// <summary>Closed form or measured.</summary>
    /// <value>The default is <see cref="ScaleSource.ClosedForm"/>.</value>
    public ScaleSource Source { get; init; } = ScaleSource.ClosedForm;

    /// <summary>How scales are measured; without effect on the closed form.</summary>
    public MeasurementOptions Measurement { get; init; } = new();
}
