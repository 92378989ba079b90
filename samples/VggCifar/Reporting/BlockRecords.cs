using LocalHessian.Monitoring;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>
/// What <c>--monitor</c> writes of each run: a CSV file, TensorBoard scalars when asked for, pictures of blocks over time. With
/// <c>--monitor-may-fail</c> what cannot be written is said, and training goes on.
/// </summary>
internal sealed class BlockRecords(RunFolder folder, int interval, bool tensorBoard, bool mayFail, Action<string> say)
{
    public const string Folder = "blocks";

    private static readonly (string Column, string Quantity)[] Pictures =
    [
        ("multiplier", "multiplier of the gradient, a"),
        ("measured_scale", "measured scale, m·m_W"),
        ("top_eigenvalue", "largest eigenvalue of H_z"),
        ("condition_number", "condition number of H_z"),
        (LossRemoved, "back-matching loss after a step, over before"),
    ];

    private const string LossRemoved = "loss_removed";

    public MonitorOptions Options(long stepsBefore) => new() { Interval = interval, StepsBefore = stepsBefore };

    /// <summary>
    /// Where a run's readings go, after those that belong to the steps behind it; what came after its checkpoint comes again.
    /// </summary>
    public IReadOnlyList<IBlockLog> Logs(RunName name, WrittenPart? before)
    {
        Directory.CreateDirectory(folder.In(Folder));
        Forget(name, before);
        List<IBlockLog> logs = [new CsvBlockLog(Csv(name))];
        if (tensorBoard)
            logs.Add(new TensorBoardBlockLog(Path.Combine(folder.In(TensorBoardLog.Folder), name.Id + "-blocks")));
        return mayFail ? [.. logs.Select(log => new TolerantBlockLog(log, e => say(e.Message)))] : logs;
    }

    /// <summary>What a checkpoint remembers of a run's file.</summary>
    public WrittenPart? Written(RunName name) => WrittenPart.Of(Csv(name));

    /// <summary>Draws the pictures of a run from its CSV file, which also holds what was written before a resumption.</summary>
    public void Draw(RunName name)
    {
        try
        {
            if (!File.Exists(Csv(name)))
                throw new UserError(
                    $"'{Csv(name)}' is gone, and so are the records in it; with --resume the run goes on and its records "
                    + "begin anew.");
            var table = BlockTable.Read(Csv(name));
            foreach (var (column, quantity) in Pictures)
                Plots.Save(
                    Plots.Blocks(name.Id, quantity, column == LossRemoved, table.Blocks, table.Steps, Drawn(table, column)),
                    Path.Combine(folder.In(Folder), $"{name.Id}-{column}.png"));
        }
        catch (Exception e) when (mayFail && e is UserError or IOException or UnauthorizedAccessException)
        {
            say(e.Message);
        }
    }

    /// <summary>
    /// The column, but for the share of the loss removed what is left, one less the share: a step that overshoots leaves
    /// hundreds of times what was there, for which shares have no scale.
    /// </summary>
    private static double[,] Drawn(BlockTable table, string column)
    {
        var values = table[column];
        if (column != LossRemoved) return values;
        for (var i = 0; i < values.GetLength(0); i++)
            for (var j = 0; j < values.GetLength(1); j++)
                values[i, j] = 1 - values[i, j];
        return values;
    }

    private void Forget(RunName name, WrittenPart? before)
    {
        if (!File.Exists(Csv(name)))
        {
            if (before is not null)
                say($"'{Csv(name)}' is gone: records of blocks begin anew.");
            return;
        }
        if (before is null)
        {
            File.Delete(Csv(name));
            return;
        }
        if (!before.Begins(Csv(name)))
            throw new UserError(
                $"'{Csv(name)}' is not what the run wrote. Delete it: the run goes on and its records begin anew.");
        using var file = new FileStream(Csv(name), FileMode.Open, FileAccess.Write);
        file.SetLength(before.Bytes);
    }

    private string Csv(RunName name) => Path.Combine(folder.In(Folder), name.Id + ".csv");
}
