using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>
/// One cell of the grid over its seeds: test accuracy after the last epoch (mean, median, least, greatest, sample deviation,
/// which one seed does not have), the mean of each seed's best epoch, and the last training loss.
/// </summary>
internal sealed record Summary(
    OptimizerSpec Spec,
    int Seeds,
    double Mean,
    double Median,
    double Least,
    double Greatest,
    double Deviation,
    double BestEpoch,
    double TrainLoss,
    int Diverged,
    bool BestOfOptimizer)
{
    /// <summary>
    /// All cells that have an epoch, in the grid's order. The best of an optimizer is the one with the highest mean accuracy
    /// after the last epoch: chosen on the test set, as the paper does, so it flatters every optimizer alike.
    /// </summary>
    public static IReadOnlyList<Summary> Of(IEnumerable<RunResult> results)
    {
        var cells = results.Where(result => result.Epochs.Count > 0).GroupBy(result => result.Name.Spec).Select(Of).ToList();
        var best = cells.GroupBy(cell => cell.Spec.Optimizer).Select(group => group.MaxBy(cell => cell.Mean)!.Spec).ToHashSet();
        return [.. cells.Select(cell => cell with { BestOfOptimizer = best.Contains(cell.Spec) })];
    }

    private static Summary Of(IGrouping<OptimizerSpec, RunResult> cell)
    {
        var final = cell.Select(result => result.Epochs[^1].TestAccuracy).Order().ToList();
        var mean = final.Average();
        return new Summary(
            cell.Key, final.Count, mean,
            (final[(final.Count - 1) / 2] + final[final.Count / 2]) / 2, final[0], final[^1],
            final.Count > 1 ? Math.Sqrt(final.Sum(x => (x - mean) * (x - mean)) / (final.Count - 1)) : double.NaN,
            cell.Average(result => result.Epochs.Max(e => e.TestAccuracy)),
            cell.Average(result => result.Epochs[^1].TrainLoss),
            cell.Count(result => result.Epochs[^1].Diverged),
            false);
    }
}
