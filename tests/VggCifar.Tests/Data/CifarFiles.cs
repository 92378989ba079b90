using VggCifar.Data;

namespace VggCifar.Tests.Data;

/// <summary>Small files in the official binary formats, each byte a function of its place.</summary>
internal static class CifarFiles
{
    /// <summary>Byte of an image: no two neighbours, planes or images agree.</summary>
    public static byte Pixel(int image, int channel, int row, int column) =>
        (byte)(101 * image + 59 * channel + 7 * row + column);

    public static int Label(CifarFormat format, int image) => (7 * image + 3) % format.Classes;

    /// <summary>Writes the files; images are numbered on through them.</summary>
    public static void Write(CifarFormat format, string folder, int imagesPerFile)
    {
        Directory.CreateDirectory(folder);
        var image = 0;
        foreach (var file in format.Files)
        {
            using var stream = File.Create(Path.Combine(folder, file));
            for (var i = 0; i < imagesPerFile; i++, image++) stream.Write(Record(format, image));
        }
    }

    private static byte[] Record(CifarFormat format, int image)
    {
        var bytes = new List<byte>(format.RecordBytes);
        if (format.LabelBytes == 2) bytes.Add((byte)(image % 20));
        bytes.Add((byte)Label(format, image));
        for (var channel = 0; channel < 3; channel++)
            for (var row = 0; row < 32; row++)
                for (var column = 0; column < 32; column++)
                    bytes.Add(Pixel(image, channel, row, column));
        return [.. bytes];
    }
}
