using System.Globalization;
using System.Text;

namespace LocalHessian.Monitoring;

/// <summary>Readings as comma-separated values: a line a block and step, numbers with a point, names quoted.</summary>
/// <remarks>
/// Each step is one write. What a kill tore off is dropped with the next one, so that every line is whole; a file that has
/// vanished begins anew with its header.
/// </remarks>
public sealed class CsvBlockLog : IBlockLog
{
    private static readonly string Header =
        $"step,block,{string.Join(',', BlockReading.QuantityNames.Select(n => n.Replace(' ', '_')))}";

    private readonly string _path;

    /// <summary>Writes to a file; lines are added to one that is there.</summary>
    /// <param name="path">The file. Its folder must exist.</param>
    /// <exception cref="IOException">The file cannot be written, or it begins with other columns.</exception>
    /// <exception cref="UnauthorizedAccessException">The file or its folder may not be written.</exception>
    public CsvBlockLog(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
        Append("");
    }

    /// <inheritdoc/>
    public void Write(IReadOnlyList<BlockReading> readings)
    {
        ArgumentNullException.ThrowIfNull(readings);
        try
        {
            if (readings.Count > 0) Append(string.Concat(readings.Select(Line)));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw BlockLogFailure.Of(readings, _path, e);
        }
    }

    private void Append(string lines)
    {
        using var file = new FileStream(_path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.Read);
        ThrowUnlessOurs(file);
        file.SetLength(EndOfLastLine(file));
        file.Seek(0, SeekOrigin.End);
        file.Write(Encoding.UTF8.GetBytes(file.Length == 0 ? Header + "\n" + lines : lines));
    }

    private void ThrowUnlessOurs(FileStream file)
    {
        var beginning = new byte[Math.Min(file.Length, Header.Length + 1)];
        file.ReadExactly(beginning);
        if (!Encoding.ASCII.GetBytes(Header + "\n").AsSpan().StartsWith(beginning))
            throw new IOException($"'{_path}' does not begin with the columns of block readings; they cannot be added to it.");
    }

    private static long EndOfLastLine(FileStream file)
    {
        var end = file.Length;
        for (; end > 0; end--)
        {
            file.Position = end - 1;
            if (file.ReadByte() == '\n') break;
        }

        return end;
    }

    private static string Line(BlockReading r) => string.Join(',',
    [
        r.Step.ToString(CultureInfo.InvariantCulture), $"\"{r.Block.Replace("\"", "\"\"", StringComparison.Ordinal)}\"",
        .. r.Quantities.Select(q => Text(q.Value)),
    ]) + "\n";

    private static string Text(double value) => double.IsNaN(value) ? "" : value.ToString("R", CultureInfo.InvariantCulture);
}
