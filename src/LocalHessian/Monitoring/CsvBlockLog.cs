using System.Globalization;

namespace LocalHessian.Monitoring;

/// <summary>Readings as comma-separated values: a line a block and step, numbers with a point, names quoted.</summary>
public sealed class CsvBlockLog : IBlockLog
{
    private const string Header =
        "step,block,closed_scale,measured_scale,closed_input_scale,measured_input_scale,multiplier,weight_norm,gradient_norm,top_eigenvalue,condition_number,loss_removed";

    private readonly string _path;

    /// <summary>Writes to a file; lines are added to one that is there.</summary>
    /// <param name="path">The file. Its folder must exist.</param>
    public CsvBlockLog(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        if (!File.Exists(path)) File.WriteAllText(path, Header + "\n");
    }

    /// <inheritdoc/>
    public void Write(IReadOnlyList<BlockReading> readings)
    {
        ArgumentNullException.ThrowIfNull(readings);
        File.AppendAllLines(_path, readings.Select(Line));
    }

    private static string Line(BlockReading r) => string.Join(',', new[]
    {
        r.Step.ToString(CultureInfo.InvariantCulture), $"\"{r.Block.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        Text(r.ClosedScale), Text(r.MeasuredScale), Text(r.ClosedInputScale), Text(r.MeasuredInputScale), Text(r.Multiplier),
        Text(r.WeightNorm), Text(r.GradientNorm), Text(r.TopEigenvalue), Text(r.ConditionNumber), Text(r.LossRemoved),
    });

    private static string Text(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);
}
