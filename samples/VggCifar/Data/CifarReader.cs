using TorchSharp;
using static TorchSharp.torch;

namespace VggCifar.Data;

/// <summary>Reads the official binary files straight into one tensor, a megabyte at a time.</summary>
internal static class CifarReader
{
    private const int RecordsPerRead = 340;

    /// <summary>Training and test set from the files below <paramref name="root"/>, at most so many images of each.</summary>
    public static DataSet Read(CifarFormat format, string root, int? trainImages = null, int? testImages = null)
    {
        var folder = CifarFolder.Find(format, root);
        var train = ReadFiles(format, [.. format.TrainFiles.Select(file => Path.Combine(folder, file))], trainImages);
        try
        {
            return new DataSet(
                format.Name, format.Classes, train, ReadFiles(format, [Path.Combine(folder, format.TestFile)], testImages));
        }
        catch
        {
            train.Dispose();
            throw;
        }
    }

    /// <summary>The first images of the files in order, all of them when <paramref name="limit"/> is null.</summary>
    /// <exception cref="UserError">
    /// A file is missing, unreadable, cut short, of the other data set or holds a wrong label.
    /// </exception>
    public static ImageSet ReadFiles(CifarFormat format, IReadOnlyList<string> paths, int? limit = null)
    {
        using var scope = NewDisposeScope();
        var counts = paths.Select(path => CifarFile.CountRecords(format, path)).ToList();
        var total = checked((int)counts.Sum());
        if (limit > total)
            throw new UserError($"{limit} images were asked for, but '{Path.GetDirectoryName(paths[0])}' holds only {total}.");
        total = limit ?? total;
        var images = empty(total, ImageSet.Channels, ImageSet.Side, ImageSet.Side, dtype: ScalarType.Byte, device: CPU);
        var labels = new long[total];
        var pixels = images.bytes;
        var done = 0;
        for (var i = 0; i < paths.Count && done < total; i++)
        {
            var take = (int)Math.Min(counts[i], total - done);
            ReadFile(format, paths[i], pixels.Slice(done * ImageSet.Bytes, take * ImageSet.Bytes), labels.AsSpan(done, take));
            done += take;
        }
        return new ImageSet(images, tensor(labels, device: CPU));
    }

    private static void ReadFile(CifarFormat format, string path, Span<byte> pixels, Span<long> labels)
    {
        using var file = CifarFile.Open(format, path);
        var buffer = new byte[RecordsPerRead * format.RecordBytes];
        for (var record = 0; record < labels.Length;)
        {
            var wanted = Math.Min(RecordsPerRead, labels.Length - record);
            var chunk = buffer.AsSpan(0, wanted * format.RecordBytes);
            CifarFile.Fill(file, chunk, path);
            for (var i = 0; i < wanted; i++, record++)
            {
                var row = chunk.Slice(i * format.RecordBytes, format.RecordBytes);
                CifarFile.CheckLabels(format, path, record, row);
                labels[record] = row[format.LabelBytes - 1];
                row[format.LabelBytes..].CopyTo(pixels[(record * ImageSet.Bytes)..]);
            }
        }
    }
}
