using VggCifar.Data;

namespace VggCifar.Tests.Reliability;

/// <summary>Small files in the official formats, with labels and pixels that a number fixes.</summary>
internal static class CifarFiles
{
    public static byte[] Content(CifarFormat format, int records, int seed = 1)
    {
        var bytes = new byte[records * format.RecordBytes];
        new Random(seed).NextBytes(bytes);
        for (var record = 0; record < records; record++)
        {
            var labels = bytes.AsSpan(record * format.RecordBytes, format.LabelBytes);
            if (format.LabelBytes == 2)
                labels[0] = (byte)(record % 20);
            labels[^1] = (byte)(record % format.Classes);
        }
        return bytes;
    }

    /// <summary>A whole data set; returns the folder to give as --data-root.</summary>
    public static string Write(TemporaryFolder folder, CifarFormat format, int records = 4)
    {
        var root = folder.File("data ñ");
        Directory.CreateDirectory(Path.Combine(root, format.Folder));
        foreach (var (file, i) in format.Files.Select((file, i) => (file, i)))
            File.WriteAllBytes(Path.Combine(root, format.Folder, file), Content(format, records, i));
        return root;
    }
}
