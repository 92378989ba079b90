namespace VggCifar.Training;

/// <summary>
/// Where a run stands: the epochs behind it and, in the middle of one, the steps done and the sums so far. Rates, data order and
/// augmentation follow from it and the settings.
/// </summary>
internal sealed record RunState
{
    public IReadOnlyList<EpochRecord> History { get; init; } = [];
    public int Step { get; init; }
    public double[] Sums { get; init; } = [0, 0];
    public long Images { get; init; }
    public double Seconds { get; init; }
}
