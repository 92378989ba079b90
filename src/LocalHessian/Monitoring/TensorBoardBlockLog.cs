namespace LocalHessian.Monitoring;

/// <summary>Readings as TensorBoard scalars, <c>quantity/block</c>.</summary>
public sealed class TensorBoardBlockLog : IBlockLog
{
    private readonly string _folder;
    private readonly EventFile _file;

    /// <summary>Writes a file of its own.</summary>
    /// <param name="folder">
    /// The folder of the run, made where it is missing; it may be another writer's too, e.g. the <c>LogDir</c> of
    /// <c>torch.utils.tensorboard.SummaryWriter("runs")</c>.
    /// </param>
    /// <exception cref="IOException">The folder cannot be made or written.</exception>
    public TensorBoardBlockLog(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        (_folder, _file) = (folder, new EventFile(folder));
    }

    /// <inheritdoc/>
    public void Write(IReadOnlyList<BlockReading> readings)
    {
        ArgumentNullException.ThrowIfNull(readings);
        try
        {
            foreach (var r in readings)
                _file.Add(r.Step, r.Quantities.Where(q => !double.IsNaN(q.Value)).Select(q => ($"{q.Name}/{r.Block}", q.Value)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BlockLogFailure.Of(readings, _folder, e);
        }
    }
}
