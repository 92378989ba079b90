using LocalHessian.Internal;

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
            foreach (var r in readings) _file.Add(r.Step, Scalars(r).Where(s => !double.IsNaN(s.Value)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BlockLogFailure.Of(readings, _folder, e);
        }
    }

    private static IEnumerable<(string Tag, double Value)> Scalars(BlockReading r) =>
    [
        ($"closed scale/{r.Block}", r.ClosedScale),
        ($"measured scale/{r.Block}", r.MeasuredScale),
        ($"closed input scale/{r.Block}", r.ClosedInputScale),
        ($"measured input scale/{r.Block}", r.MeasuredInputScale),
        ($"multiplier/{r.Block}", r.Multiplier),
        ($"weight norm/{r.Block}", r.WeightNorm),
        ($"gradient norm/{r.Block}", r.GradientNorm),
        ($"top eigenvalue/{r.Block}", r.TopEigenvalue),
        ($"condition number/{r.Block}", r.ConditionNumber),
        ($"loss removed/{r.Block}", r.LossRemoved),
    ];
}
