namespace VggCifar.Training;

/// <summary>
/// Learning rates as a pure function of what has happened so far, so that a resumed run needs no saved scheduler: the history
/// in the checkpoint gives the same rate.
/// </summary>
internal static class RateSchedule
{
    public const string Plateau = "plateau", Cosine = "cosine", Constant = "constant";

    /// <summary>PyTorch's default: an improvement counts when it is at least this fraction of the best.</summary>
    private const double Threshold = 1e-4;

    public static readonly IReadOnlyList<string> Names = [Plateau, Cosine, Constant];

    /// <summary>The rate of the epoch that follows <paramref name="history"/>.</summary>
    public static double Next(OptimizerSpec spec, Settings settings, IReadOnlyList<EpochRecord> history) => spec.Schedule switch
    {
        Plateau => spec.Rate * Math.Pow(settings.Factor, Reductions(history, settings.Patience)),
        Cosine => spec.Rate * 0.5 * (1 + Math.Cos(Math.PI * history.Count / settings.Epochs)),
        _ => spec.Rate,
    };

    /// <summary>
    /// How often ReduceLROnPlateau would have lowered the rate: whenever test accuracy has not improved for more than
    /// <paramref name="patience"/> epochs.
    /// </summary>
    public static int Reductions(IReadOnlyList<EpochRecord> history, int patience)
    {
        var (reductions, waited, best) = (0, 0, double.NegativeInfinity);
        foreach (var record in history)
        {
            if (record.TestAccuracy > best * (1 + Threshold))
                (best, waited) = (record.TestAccuracy, 0);
            else if (++waited > patience)
                (reductions, waited) = (reductions + 1, 0);
        }
        return reductions;
    }
}
