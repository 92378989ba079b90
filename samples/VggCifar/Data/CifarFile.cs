namespace VggCifar.Data;

/// <summary>
/// One official file: what can be wrong with it, each said with the file's name, what was found and what was expected.
/// </summary>
internal static class CifarFile
{
    private const int CoarseClasses = 20;

    /// <summary>How many records the file holds.</summary>
    public static long CountRecords(CifarFormat format, string path)
    {
        var info = new FileInfo(path);
        if (!info.Exists)
            throw new UserError($"'{path}' is missing: {format.Name} needs {string.Join(", ", format.Files)}.");
        if (info.Length == 0)
            throw new UserError($"'{path}' is empty: expected {format.Name} records of {format.RecordBytes} bytes.");
        if (info.Length % format.RecordBytes == 0)
            return info.Length / format.RecordBytes;
        var found = info.Length % format.Other.RecordBytes == 0
            ? $"it looks like {format.Other.Name}, whose records have {format.Other.RecordBytes}"
            : "it is cut short or not such a file";
        throw new UserError($"'{path}' has {info.Length} bytes, which is no multiple of the {format.RecordBytes} bytes of a "
            + $"{format.Name} record: {found}.");
    }

    public static FileStream Open(CifarFormat format, string path)
    {
        try
        {
            return new FileStream(
                path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0, FileOptions.SequentialScan);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UserError($"'{path}' cannot be read ({e.Message}): expected {format.Name} records.");
        }
    }

    public static void Fill(FileStream file, Span<byte> chunk, string path)
    {
        try
        {
            file.ReadExactly(chunk);
        }
        catch (IOException e)
        {
            throw new UserError($"'{path}' cannot be read to its end: {e.Message}");
        }
    }

    public static void CheckLabels(CifarFormat format, string path, long record, ReadOnlySpan<byte> row)
    {
        if (row[format.LabelBytes - 1] >= format.Classes)
            throw new UserError($"'{path}': record {record} has label {row[format.LabelBytes - 1]}, but {format.Name} labels run "
                + $"from 0 to {format.Classes - 1}: the file is damaged or another data set.");
        if (format.LabelBytes == 2 && row[0] >= CoarseClasses)
            throw new UserError($"'{path}': record {record} has coarse label {row[0]}, but {format.Name} coarse labels run "
                + $"from 0 to {CoarseClasses - 1}: the file is damaged or another data set.");
    }
}
