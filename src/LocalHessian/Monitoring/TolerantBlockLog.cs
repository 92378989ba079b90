namespace LocalHessian.Monitoring;

/// <summary>
/// Hands readings on to another log; where that one cannot write them, it reports the error, and training goes on without
/// them.
/// </summary>
public sealed class TolerantBlockLog : IBlockLog
{
    private readonly IBlockLog _log;
    private readonly Action<IOException> _report;

    /// <summary>Wraps a log.</summary>
    /// <param name="log">The log that may fail.</param>
    /// <param name="report">Gets each error, e.g. to print it. What else a log throws is not caught.</param>
    public TolerantBlockLog(IBlockLog log, Action<IOException> report)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(report);
        (_log, _report) = (log, report);
    }

    /// <inheritdoc/>
    public void Write(IReadOnlyList<BlockReading> readings)
    {
        ArgumentNullException.ThrowIfNull(readings);
        try
        {
            _log.Write(readings);
        }
        catch (IOException e)
        {
            _report(e);
        }
    }
}
