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

    /// <summary>SHA-256 of the network's file, once the run is finished and has written one.</summary>
    public string? Network { get; init; }

    /// <summary>The records of blocks that belong to the steps so far; null without any.</summary>
    public WrittenPart? Records { get; init; }
}
