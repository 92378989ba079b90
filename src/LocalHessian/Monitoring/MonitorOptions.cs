namespace LocalHessian.Monitoring;

/// <summary>How often and how closely the monitor examines the blocks.</summary>
public sealed record MonitorOptions
{
    /// <summary>Steps from one examination to the next.</summary>
    /// <value>
    /// Above zero; the default is 500: an examination costs as much as 10 to 20 steps, most of it for the spectrum. The first
    /// step is examined.
    /// </value>
    public int Interval { get; init; } = 500;

    /// <summary>How many samples of the batch to examine, the first ones.</summary>
    /// <value>Above zero; the default is 32. Batch norm takes its statistics over these.</value>
    public int Samples { get; init; } = 32;

    /// <summary>Products with each H_z for its largest eigenvalue and condition number; 0 leaves both out.</summary>
    /// <value>0, or 2 and more; the default is 20.</value>
    public int SpectrumSteps { get; init; } = 20;

    /// <summary>Random vectors for measured scales.</summary>
    /// <value>Above zero; the default is 4.</value>
    public int Probes { get; init; } = 4;

    /// <summary>Seed of the monitor's random vectors; the global random state is not touched.</summary>
    /// <value>The default is 0.</value>
    public long Seed { get; init; }

    /// <summary>Steps taken before, of a run that goes on; they count.</summary>
    /// <value>The default is 0.</value>
    public long StepsBefore { get; init; }

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(Interval, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Samples, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(Probes, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(StepsBefore);
        if (SpectrumSteps != 0) ArgumentOutOfRangeException.ThrowIfLessThan(SpectrumSteps, 2);
    }
}
