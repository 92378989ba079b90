using System.Globalization;

namespace VggCifar.Training;

/// <summary>Which run of an experiment: a cell of the grid and a seed.</summary>
internal sealed record RunName(OptimizerSpec Spec, long Seed)
{
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Spec.Id}-seed{Seed}");
}

/// <summary>A run's epochs so far.</summary>
internal sealed record RunResult(RunName Name, IReadOnlyList<EpochRecord> Epochs);
