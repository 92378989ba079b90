using System.Diagnostics;

namespace VggCifar.Reporting;

/// <summary>How much of the whole work is done, in epochs, and how long the rest will take at the speed so far.</summary>
internal sealed class Pace(int runs, int epochs)
{
    private readonly Stopwatch _clock = Stopwatch.StartNew();
    private double _before;
    private int _run;

    public double Total { get; } = (double)runs * epochs;
    public double Done { get; private set; }
    public int Run => _run;
    public int Runs => runs;

    /// <summary>The next run starts; epochs done before this program started do not count as its speed.</summary>
    public void Start(int epochsDone, bool finished)
    {
        var skipped = finished ? epochs : epochsDone;
        _before += skipped;
        Done = (double)_run++ * epochs + skipped;
    }

    /// <summary>The current run has done so many epochs.</summary>
    public void At(double epochsDone, bool last = false) => Done = (_run - 1.0) * epochs + (last ? epochs : epochsDone);

    public TimeSpan? Left
    {
        get
        {
            var mine = Done - _before;
            return mine > 0 ? TimeSpan.FromSeconds(Math.Ceiling(_clock.Elapsed.TotalSeconds * (Total - Done) / mine)) : null;
        }
    }
}
