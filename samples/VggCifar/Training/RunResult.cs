using System.Globalization;

namespace VggCifar.Training;

/// <summary>Which run of an experiment: a cell of the grid and a seed.</summary>
internal sealed record RunName(OptimizerSpec Spec, long Seed)
{
    /// <summary>Every cell of the grid for every seed, in the order in which they are trained and shown.</summary>
    public static IReadOnlyList<RunName> All(Settings settings) =>
        [.. settings.Seeds.SelectMany(seed => settings.Grid.Select(spec => new RunName(spec, seed)))];

    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Spec.Id}-seed{Seed}");
}

/// <summary>A run's epochs so far.</summary>
internal sealed record RunResult(RunName Name, IReadOnlyList<EpochRecord> Epochs);
