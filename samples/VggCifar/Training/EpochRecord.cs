namespace VggCifar.Training;

/// <summary>What one epoch gave. Accuracies are fractions; losses are means over the images.</summary>
internal sealed record EpochRecord(
    int Epoch,
    double Rate,
    double TrainLoss,
    double TrainAccuracy,
    double TestLoss,
    double TestAccuracy,
    double ImagesPerSecond,
    double Seconds)
{
    /// <summary>Whether training has left the finite numbers; such a run is stopped.</summary>
    public bool Diverged => !double.IsFinite(TrainLoss);
}
