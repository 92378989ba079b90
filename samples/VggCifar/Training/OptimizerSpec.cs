using System.Globalization;

namespace VggCifar.Training;

/// <summary>One cell of the grid: an optimizer with its rate, weight decay and schedule.</summary>
internal sealed record OptimizerSpec(string Optimizer, double Rate, double WeightDecay, string Schedule)
{
    /// <summary>A name for files and logs, unique within a grid.</summary>
    public string Id => string.Create(CultureInfo.InvariantCulture, $"{Optimizer}-lr{Rate}-wd{WeightDecay}-{Schedule}");
}
