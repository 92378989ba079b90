using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>Two bars that move, one for the run and one for the whole, with the numbers under the run's bar; for terminals.</summary>
internal sealed class TerminalDisplay(IAnsiConsole console, int runs, int epochs) : IDisplay
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250);
    private readonly Pace _pace = new(runs, epochs);
    private readonly Stopwatch _sinceStep = Stopwatch.StartNew();
    private ProgressTask? _whole, _current;
    private RunName? _name;
    private string _lines = "";
    private EpochRecord? _last;

    public bool WantsStep => _sinceStep.Elapsed > Interval;

    public void Show(Action work) => console.Progress()
        .AutoClear(true)
        .HideCompleted(false)
        .Columns(new LinesColumn(task => task == _current ? _lines : task.Description), new ProgressBarColumn { Width = 24 }, new PercentageColumn())
        .Start(context =>
        {
            _current = context.AddTask("starting", maxValue: epochs);
            _whole = context.AddTask("all runs", maxValue: _pace.Total);
            work();
        });

    public void RunStarted(RunName name, int epochsDone, bool finished)
    {
        (_name, _last) = (name, null);
        _pace.Start(epochsDone, finished);
        Update(Markup.Escape(name.Id), finished ? epochs : epochsDone);
    }

    public void Step(StepStatus status)
    {
        _sinceStep.Restart();
        var done = status.Epoch - 1 + (double)status.Step / status.Steps;
        _pace.At(done);
        Update(string.Create(CultureInfo.InvariantCulture,
            $"[bold]{Markup.Escape(_name!.Id)}[/] epoch {status.Epoch}/{epochs}\n"
            + $"loss {status.Loss:f3}  train {100 * status.Accuracy:f1}%  test {(_last is null ? "–" : (100 * _last.TestAccuracy).ToString("f1", CultureInfo.InvariantCulture) + "%")}\n"
            + $"rate {status.Rate:g4}  {status.ImagesPerSecond:f0} images/s"), done);
    }

    public void Epoch(EpochRecord record)
    {
        _last = record;
        _pace.At(record.Epoch, record.Diverged);
        if (record.Epoch == epochs || record.Diverged)
            console.MarkupLine(string.Create(CultureInfo.InvariantCulture,
                $"{Markup.Escape(_name!.Id),-38} loss {record.TrainLoss:f3}  train {100 * record.TrainAccuracy:f1}%  test [bold]{100 * record.TestAccuracy:f1}%[/]"
                + $"{(record.Diverged ? "  [red]diverged[/]" : "")}"));
    }

    private void Update(string description, double done)
    {
        _lines = description;
        _current!.Value = done;
        _whole!.Description = $"run {_pace.Run} of {_pace.Runs}, {(_pace.Left is { } left ? $"{left:c} left" : "measuring")}";
        _whole.Value = _pace.Done;
    }

    /// <summary>Text with line ends, which Spectre takes out of a task's description.</summary>
    private sealed class LinesColumn(Func<ProgressTask, string> markup) : ProgressColumn
    {
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) => new Markup(markup(task));
    }
}
