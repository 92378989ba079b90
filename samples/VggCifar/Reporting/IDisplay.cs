using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>Where a run stands after a step; loss and accuracy are means over the epoch so far.</summary>
internal sealed record StepStatus(
    int Epoch, int Step, int Steps, double Rate, double Loss, double Accuracy, double ImagesPerSecond);

/// <summary>Shows how training goes on.</summary>
internal interface IDisplay
{
    /// <summary>
    /// Whether it is time for another <see cref="Step"/>; asking costs nothing, reading the loss may wait for the device.
    /// </summary>
    bool WantsStep { get; }

    /// <summary>Runs the work with the display on.</summary>
    void Show(Action work);

    void RunStarted(RunName name, int epochsDone, bool finished);
    void Step(StepStatus status);
    void Epoch(EpochRecord record);

    /// <summary>Says something beside the run's progress.</summary>
    void Say(string text);
}
