using System.Buffers.Binary;

namespace VggCifar.Tests.Reporting;

internal static class Png
{
    /// <summary>Width and height from the header; not a PNG file: an exception.</summary>
    public static (int Width, int Height) Size(string path)
    {
        var bytes = File.ReadAllBytes(path);
        bytes.Take(8).Should().Equal(0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A);
        bytes[^8..^4].Should().Equal("IEND"u8.ToArray());
        return (BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(20)));
    }
}
