namespace LocalHessian.Internal;

/// <summary>Progress and cancellation of one call: reported and checked together, between products.</summary>
internal sealed class Progress
{
    private readonly string _name;
    private readonly IProgress<OperationProgress>? _sink;
    private readonly Progress? _whole;
    private readonly double _from, _to;
    private double _reached = -1;

    /// <param name="name">What the call does.</param>
    /// <param name="sink">Who is told; null for nobody.</param>
    /// <param name="cancellation">Checked at every report.</param>
    public Progress(string name, IProgress<OperationProgress>? sink, CancellationToken cancellation) =>
        (_name, _sink, Cancellation, _from, _to) = (name, sink, cancellation, 0, 1);

    private Progress(Progress whole, string name, double from, double to) =>
        (_whole, _name, _sink, Cancellation, _from, _to) = (whole, name, whole._sink, whole.Cancellation, from, to);

    /// <summary>Nobody is told and nothing cancels.</summary>
    public static Progress None => new(string.Empty, null, CancellationToken.None);

    public CancellationToken Cancellation { get; }

    /// <summary>A stretch of this call, whose own 0 and 1 are the given fractions of it.</summary>
    /// <param name="name">The stretch's name; null for that of the whole.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="to">Where it ends.</param>
    public Progress Part(string? name, double from, double to) => new(this, name ?? _name, from, to);

    /// <summary>Reports a fraction, unless as large a one has been reported.</summary>
    /// <exception cref="OperationCanceledException">The call is cancelled.</exception>
    public void At(double fraction)
    {
        Cancellation.ThrowIfCancellationRequested();
        if (_sink is not null) Report(_name, Math.Clamp(fraction, 0, 1));
    }

    private void Report(string name, double fraction)
    {
        if (fraction <= _reached) return;
        _reached = fraction;
        if (_whole is not null) _whole.Report(name, _from + (_to - _from) * fraction);
        else _sink!.Report(new OperationProgress(name, fraction));
    }
}
