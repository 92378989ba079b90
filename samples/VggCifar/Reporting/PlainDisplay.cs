using System.Globalization;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>One line an epoch, for output that is not a terminal.</summary>
internal sealed class PlainDisplay(TextWriter output, int runs, int epochs) : IDisplay
{
    private readonly Pace _pace = new(runs, epochs);
    private RunName? _name;

    public bool WantsStep => false;

    public void Show(Action work) => work();

    public void RunStarted(RunName name, int epochsDone, bool finished)
    {
        _name = name;
        _pace.Start(epochsDone, finished);
        if (finished)
            output.WriteLine($"[{_pace.Run}/{_pace.Runs}] {name.Id}: done before");
        else if (epochsDone > 0)
            output.WriteLine($"[{_pace.Run}/{_pace.Runs}] {name.Id}: goes on after epoch {epochsDone}");
    }

    public void Step(StepStatus status)
    {
    }

    public void Epoch(EpochRecord record)
    {
        _pace.At(record.Epoch, record.Diverged);
        output.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"[{_pace.Run}/{_pace.Runs}] {_name!.Id}  epoch {record.Epoch}/{epochs}  rate {record.Rate:g4}  loss "
            + $"{record.TrainLoss:f3}  train {100 * record.TrainAccuracy:f1}%  test {100 * record.TestAccuracy:f1}%  "
            + $"{record.ImagesPerSecond:f0} images/s  left {_pace.Left:c}{(record.Diverged ? "  diverged, stopped" : "")}"));
    }

    public void Say(string text) => output.WriteLine(text);
}
