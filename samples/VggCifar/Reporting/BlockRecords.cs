using System.Globalization;
using LocalHessian.Monitoring;
using VggCifar.Training;

namespace VggCifar.Reporting;

/// <summary>What <c>--monitor</c> writes of each run: a CSV file, TensorBoard scalars when asked for, pictures of blocks over time.</summary>
internal sealed class BlockRecords(RunFolder folder, int interval, bool tensorBoard)
{
    public const string Folder = "blocks";

    private static readonly (string Column, string Title, bool Logarithmic)[] Pictures =
    [
        ("multiplier", "multiplier, log10", true),
        ("measured_scale", "measured m·m_W, log10", true),
        ("top_eigenvalue", "largest eigenvalue of H_z, log10", true),
        ("condition_number", "condition number of H_z, log10", true),
        ("loss_removed", "share of the back-matching loss removed", false),
    ];

    public MonitorOptions Options(long stepsBefore) => new() { Interval = interval, StepsBefore = stepsBefore };

    /// <summary>Where a run's readings go, after those that belong to the steps behind it; what came after its checkpoint comes again.</summary>
    public IReadOnlyList<IBlockLog> Logs(RunName name, WrittenPart? before)
    {
        Directory.CreateDirectory(folder.In(Folder));
        Forget(Csv(name), before);
        IBlockLog csv = new CsvBlockLog(Csv(name));
        return tensorBoard ? [csv, new TensorBoardBlockLog(Path.Combine(folder.In(TensorBoardLog.Folder), name.Id + "-blocks"))] : [csv];
    }

    /// <summary>What a checkpoint remembers of a run's file.</summary>
    public WrittenPart? Written(RunName name) => WrittenPart.Of(Csv(name));

    /// <summary>Draws the pictures of a run from its CSV file, which also holds what was written before a resumption.</summary>
    public void Draw(RunName name)
    {
        var lines = File.ReadAllLines(Csv(name)).Select(line => line.Split(',')).ToList();
        var blocks = lines.Skip(1).Select(l => l[1]).Distinct().ToList();
        var steps = lines.Skip(1).Select(l => l[0]).Distinct().ToList();
        foreach (var (column, title, logarithmic) in Pictures)
        {
            var at = Array.IndexOf(lines[0], column);
            var values = new double[blocks.Count, steps.Count];
            foreach (var l in lines.Skip(1))
            {
                var value = l[at].Length == 0 ? double.NaN : double.Parse(l[at], CultureInfo.InvariantCulture);
                values[blocks.IndexOf(l[1]), steps.IndexOf(l[0])] = logarithmic ? Math.Log10(value) : Math.Clamp(value, -1, 1);
            }
            Plots.Blocks(Path.Combine(folder.In(Folder), $"{name.Id}-{column}.png"), $"{name.Id}: {title}",
                [.. blocks.Select(b => b.Trim('"'))], [.. steps.Select(s => double.Parse(s, CultureInfo.InvariantCulture))], values);
        }
    }

    private static void Forget(string csv, WrittenPart? before)
    {
        if (!File.Exists(csv))
            return;
        if (before is null)
        {
            File.Delete(csv);
            return;
        }
        if (!before.Begins(csv))
            throw new UserError($"'{csv}' is not what the run wrote. Delete it: the run goes on and its records begin anew.");
        using var file = new FileStream(csv, FileMode.Open, FileAccess.Write);
        file.SetLength(before.Bytes);
    }

    private string Csv(RunName name) => Path.Combine(folder.In(Folder), name.Id + ".csv");
}
