using System.Diagnostics;
using System.Globalization;
using Spectre.Console;
using Spectre.Console.Rendering;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>
/// Two bars that move, one for the run and one for the whole, with the numbers under the run's bar; for terminals.
/// </summary>
internal sealed class TerminalDisplay(IAnsiConsole console, int runs, int epochs) : IDisplay
{
    private const int WidestBar = 24, Percent = 4, Gaps = 4, RoomForText = 52;
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
        .Columns(
            new LinesColumn(task => task == _current ? _lines : task.Description), new ProgressBarColumn { Width = Bar },
            new PercentageColumn())
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
        Update(Markup.Escape(Lines(Text, name.Id)), finished ? epochs : epochsDone);
    }

    public void Step(StepStatus status)
    {
        _sinceStep.Restart();
        var done = status.Epoch - 1 + (double)status.Step / status.Steps;
        _pace.At(done);
        var culture = CultureInfo.InvariantCulture;
        var test = _last is null ? "–" : (100 * _last.TestAccuracy).ToString("f1", culture) + "%";
        string[] lines =
        [
            Lines(Text, _name!.Id, string.Create(culture, $"epoch {status.Epoch}/{epochs}")),
            Lines(
                Text, string.Create(culture, $"loss {status.Loss:f3}"),
                string.Create(culture, $"train {100 * status.Accuracy:f1}%"), $"test {test}"),
            Lines(
                Text, string.Create(culture, $"rate {status.Rate:g4}"),
                string.Create(culture, $"{status.ImagesPerSecond:f0} images/s")),
        ];
        Update(Markup.Escape(string.Join('\n', lines)), done);
    }

    public void Epoch(EpochRecord record)
    {
        _last = record;
        _pace.At(record.Epoch, record.Diverged);
        if (record.Epoch == epochs || record.Diverged)
            Say(Lines(
                console.Profile.Width - 1, string.Create(CultureInfo.InvariantCulture, $"{_name!.Id,-37}"),
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"loss {record.TrainLoss:f3}  train {100 * record.TrainAccuracy:f1}%  test {100 * record.TestAccuracy:f1}%"),
                record.Diverged ? "diverged" : ""));
    }

    /// <summary>Leaves text above the bars. It is written over them without erasing, so every line covers its row.</summary>
    public void Say(string text)
    {
        var width = console.Profile.Width - 1;
        foreach (var line in text.Split('\n'))
            for (var at = 0; at == 0 || at < line.Length; at += width)
                console.WriteLine(line.Substring(at, Math.Min(width, line.Length - at)).PadRight(width));
    }

    /// <summary>The bar gives way to the text.</summary>
    private int Bar => Math.Clamp(console.Profile.Width - Percent - Gaps - RoomForText, 0, WidestBar);

    private int Text => Math.Max(8, console.Profile.Width - Percent - Gaps - Bar);

    /// <summary>Parts on as few lines as they fit on; a part that is too long is cut.</summary>
    private static string Lines(int width, params ReadOnlySpan<string> parts)
    {
        var (text, line) = (new System.Text.StringBuilder(), "");
        foreach (var part in parts)
        {
            var cut = part.Length <= width ? part : part.TrimEnd().Length <= width ? part.TrimEnd() : part[..(width - 1)] + "…";
            if (line.Length > 0 && line.Length + 2 + cut.Length > width)
            {
                text.Append(line.TrimEnd()).Append('\n');
                line = cut;
            }
            else
                line = line.Length == 0 ? cut : line + "  " + cut;
        }
        return text.Append(line.TrimEnd()).ToString();
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
        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Markup(markup(task));
    }
}
