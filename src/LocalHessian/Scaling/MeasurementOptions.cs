using System.Globalization;

namespace LocalHessian.Scaling;

/// <summary>How scales are measured, smoothed and bounded.</summary>
public sealed record MeasurementOptions
{
    /// <summary>
    /// Default of <see cref="Interval"/>: a refresh costs about two thirds of a step, so 1.3 percent of training time.
    /// </summary>
    public const int DefaultInterval = 50;

    /// <summary>Default of <see cref="Smoothing"/>.</summary>
    public const double DefaultSmoothing = 0.8;

    /// <summary>Default of <see cref="Bound"/>.</summary>
    public const double DefaultBound = 5;

    /// <summary>k, the number of steps from one refresh to the next.</summary>
    /// <value>Above zero; the default is <see cref="DefaultInterval"/>. The first refresh comes before the first step.</value>
    public int Interval { get; init; } = DefaultInterval;

    /// <summary>Random vectors a refresh; each costs a backward pass.</summary>
    /// <value>Above zero; the default is 1.</value>
    public int Probes { get; init; } = 1;

    /// <summary>Seed of the measurement's own random generator; the global random state is never touched.</summary>
    /// <value>The default is 0.</value>
    public long Seed { get; init; }

    /// <summary>β in h ← βh + (1 − β)·new at each refresh; the first measurement is taken as it is.</summary>
    /// <value>From 0 up to and without 1; the default is <see cref="DefaultSmoothing"/>.</value>
    public double Smoothing { get; init; } = DefaultSmoothing;

    /// <summary>
    /// R: no measured multiplier leaves [r/R, r·R], r being that of the closed form: ‖W_b‖²_F/D_B of a weight, with
    /// <see cref="ScalingOptions.Floor"/>, dim/D_B of a bias, gain or shift (with <see cref="OverallScale.Unit"/> these, too,
    /// are divided by its constant). Where no closed form holds, or a weight is zero,
    /// r is widened to whatever lies between ‖W_b‖²_F/D_B and n/D_B, the value for rows of unit norm. It keeps parameters to
    /// which the output is blind, such as a bias before batch norm, from unlimited steps.
    /// </summary>
    /// <value>At least 1, possibly infinite; the default is <see cref="DefaultBound"/>.</value>
    public double Bound { get; init; } = DefaultBound;

    /// <summary>Refuses values out of range.</summary>
    /// <exception cref="ArgumentException">A value is out of range; it is named.</exception>
    public void Validate()
    {
        if (Interval < 1)
            throw new ArgumentOutOfRangeException(nameof(Interval), Interval, "The interval is a number of steps above zero.");
        if (Probes < 1) throw new ArgumentOutOfRangeException(nameof(Probes), Probes, "At least one probe is needed.");
        if (!(Smoothing is >= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(Smoothing), Smoothing, "The smoothing lies between 0 and 1, without 1.");
        if (!(Bound >= 1))
            throw new ArgumentOutOfRangeException(nameof(Bound), Bound, "The bound is at least 1; infinity means none.");
    }

    /// <summary>Name and value of what changes the steps, for state files.</summary>
    internal IEnumerable<(string Name, string Value)> Named()
    {
        yield return (nameof(Interval), Interval.ToString(CultureInfo.InvariantCulture));
        yield return (nameof(Probes), Probes.ToString(CultureInfo.InvariantCulture));
        yield return (nameof(Seed), Seed.ToString(CultureInfo.InvariantCulture));
        yield return (nameof(Smoothing), Smoothing.ToString(CultureInfo.InvariantCulture));
        yield return (nameof(Bound), Bound.ToString(CultureInfo.InvariantCulture));
    }
}
