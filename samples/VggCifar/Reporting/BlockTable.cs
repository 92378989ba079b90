using System.Globalization;

namespace VggCifar.Reporting;

/// <summary>
/// What a file of block records holds: for every quantity a number a block (from input to output) and step; NaN where there
/// is none.
/// </summary>
internal sealed class BlockTable
{
    private readonly string[] _columns;
    private readonly List<(long Step, string Block, double[] Values)> _lines = [];

    private BlockTable(string[] columns) => _columns = columns;

    public IReadOnlyList<string> Blocks => [.. _lines.Select(line => line.Block).Distinct()];
    public IReadOnlyList<long> Steps => [.. _lines.Select(line => line.Step).Distinct()];

    /// <exception cref="UserError">A line is no record.</exception>
    public static BlockTable Read(string path)
    {
        var lines = File.ReadAllLines(path);
        var table = new BlockTable(lines.Length == 0 ? [] : lines[0].Split(','));
        foreach (var (line, i) in lines.Select((line, i) => (line, i)).Skip(1))
        {
            var fields = Fields(line);
            var values = new double[Math.Max(0, fields.Count - 2)];
            if (fields.Count < 2 || fields.Count != table._columns.Length
                || !long.TryParse(fields[0], NumberStyles.Integer, CultureInfo.InvariantCulture, out var step)
                || !values.Select((_, k) => Number(fields[k + 2], out values[k])).All(read => read))
                throw new UserError(
                    $"'{path}': line {i + 1} is no record of a block. Delete the file: with --resume the run goes on and its "
                    + "records begin anew.");
            table._lines.Add((step, fields[1], values));
        }
        return table;
    }

    /// <summary>Blocks in rows, steps in columns.</summary>
    public double[,] this[string column]
    {
        get
        {
            var at = Array.IndexOf(_columns, column) - 2;
            var (rows, steps) = (Places(Blocks), Places(Steps));
            var values = new double[rows.Count, steps.Count];
            for (var i = 0; i < values.Length; i++)
                values[i / steps.Count, i % steps.Count] = double.NaN;
            foreach (var (step, block, all) in _lines)
                values[rows[block], steps[step]] = at < 0 ? double.NaN : all[at];
            return values;
        }
    }

    private static Dictionary<T, int> Places<T>(IReadOnlyList<T> of) where T : notnull =>
        of.Select((item, i) => (item, i)).ToDictionary(pair => pair.item, pair => pair.i);

    private static bool Number(string text, out double value)
    {
        value = double.NaN;
        return text.Length == 0 || double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Names are quoted, and quotes in them doubled.</summary>
    private static List<string> Fields(string line)
    {
        var (fields, field, quoted) = (new List<string>(), new System.Text.StringBuilder(), false);
        for (var i = 0; i < line.Length; i++)
        {
            if (line[i] == '"' && quoted && i + 1 < line.Length && line[i + 1] == '"')
                field.Append(line[i++]);
            else if (line[i] == '"')
                quoted = !quoted;
            else if (line[i] == ',' && !quoted)
            {
                fields.Add(field.ToString());
                field.Clear();
            }
            else
                field.Append(line[i]);
        }
        fields.Add(field.ToString());
        return fields;
    }
}
