using System.Globalization;

namespace LocalHessian.Scaling;

/// <summary>Choices the paper leaves open in eq. (24) and C.1.</summary>
public sealed record ScalingOptions
{
    /// <summary>
    /// Default of <see cref="Floor"/>. Customary initial weights have ‖W_b‖²_F/n_b between 1/3 (PyTorch's own) and 2 (He et
    /// al. 2015), four times more and above; with 0.05 and less a head that starts at zero needs several times SGD's steps.
    /// </summary>
    public const double DefaultFloor = 0.08;

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

    /// <summary>
    /// τ: behind a block whose layer feeds no normalisation, max(‖W_b‖²_F, τ·n_b) takes the place of ‖W_b‖²_F, so that weights
    /// that start at zero (heads, residual branches) move. Blocks that are known to feed one keep ‖W_b‖²_F: their
    /// equivariance under W → αW is exact (MATH §6).
    /// </summary>
    /// <value>Not negative, finite; 0 for none. The default is <see cref="DefaultFloor"/>.</value>
    public double Floor { get; init; } = DefaultFloor;

    /// <summary>The common size of the steps.</summary>
    /// <value>The default is <see cref="OverallScale.Paper"/>.</value>
    public OverallScale Overall { get; init; } = OverallScale.Paper;

    /// <summary>How scales are measured; without effect on the closed form.</summary>
    public MeasurementOptions Measurement { get; init; } = new();

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; it is named.</exception>
    public void Validate()
    {
        DefinedEnum.ThrowUnlessDefined(Positions, nameof(Positions));
        DefinedEnum.ThrowUnlessDefined(Head, nameof(Head));
        DefinedEnum.ThrowUnlessDefined(Auxiliary, nameof(Auxiliary));
        DefinedEnum.ThrowUnlessDefined(Source, nameof(Source));
        DefinedEnum.ThrowUnlessDefined(Overall, nameof(Overall));
        if (Overall == OverallScale.Measured && Source == ScaleSource.ClosedForm)
            throw new ArgumentException(
                "OverallScale.Measured leaves the size of the steps to measurements, and the closed form makes none: choose "
                + "OverallScale.Paper or Unit, or another ScaleSource.",
                nameof(Overall));
        if (!(Floor >= 0) || double.IsInfinity(Floor))
            throw new ArgumentOutOfRangeException(nameof(Floor), Floor,
                "The floor is a finite number that is not negative; 0 means none.");
        ArgumentNullException.ThrowIfNull(Measurement);
        Measurement.Validate();
    }

    /// <summary>Name and value of what changes the steps, for state files.</summary>
    internal IEnumerable<(string Name, string Value)> Named()
    {
        (string, string)[] own =
        [
            (nameof(Positions), $"{Positions}"), (nameof(Head), $"{Head}"), (nameof(Auxiliary), $"{Auxiliary}"),
            (nameof(Source), $"{Source}"), (nameof(Overall), $"{Overall}"),
            (nameof(Floor), Floor.ToString(CultureInfo.InvariantCulture)),
        ];
        return Source == ScaleSource.ClosedForm ? own : own.Concat(Measurement.Named());
    }
}
