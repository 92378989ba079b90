using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;
using System.Text;

namespace LocalHessian.Internal;

/// <summary>
/// TensorBoard's file of scalars: records of length, masked CRC-32C of the length, Event message (protocol buffers), masked
/// CRC-32C of it.
/// </summary>
/// <remarks>
/// TorchSharp 0.107's SummaryWriter gives its first record .NET ticks for a time, where TensorBoard takes the run's start
/// from, and the others 0 or a float of seconds, which is exact to two minutes. Here times are seconds since 1970 as the
/// format has them.
/// </remarks>
internal sealed class EventFile
{
    private const int Varint = 0, Double = 1, Bytes = 2, Float = 5;
    private static int _count;
    private readonly string _path;

    /// <summary>
    /// A new file in a folder, which is made where it is missing. Files in one folder are one run to TensorBoard.
    /// </summary>
    public EventFile(string folder)
    {
        Directory.CreateDirectory(folder);
        var (seconds, number) = (DateTimeOffset.UtcNow.ToUnixTimeSeconds(), Interlocked.Increment(ref _count));
        _path = Path.Combine(folder, string.Create(CultureInfo.InvariantCulture,
            $"events.out.tfevents.{seconds:d10}.{Environment.MachineName}.{Environment.ProcessId}.{number}"));
        Add(0, []);
    }

    /// <summary>Adds the scalars of one step, all in one write.</summary>
    public void Add(long step, IEnumerable<(string Tag, double Value)> scalars)
    {
        using var file = new FileStream(_path, FileMode.Append, FileAccess.Write, FileShare.Read);
        var now = (DateTimeOffset.UtcNow - DateTimeOffset.UnixEpoch).TotalSeconds;
        using var records = new MemoryStream();
        if (file.Position == 0) Record(records, [.. Time(now), .. Field(3, "brain.Event:2"u8)]);
        foreach (var (tag, value) in scalars)
        {
            byte[] single = new byte[sizeof(float)];
            BinaryPrimitives.WriteSingleLittleEndian(single, (float)value);
            byte[] scalar = [.. Field(1, Encoding.UTF8.GetBytes(tag)), (2 << 3) | Float, .. single];
            Record(records, [.. Time(now), (2 << 3) | Varint, .. Number((ulong)step), .. Field(5, Field(1, scalar))]);
        }

        file.Write(records.GetBuffer().AsSpan(0, (int)records.Length));
    }

    private static void Record(Stream stream, byte[] message)
    {
        var length = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(length, message.Length);
        foreach (var part in new[] { length, message })
        {
            stream.Write(part);
            var sum = new byte[sizeof(uint)];
            BinaryPrimitives.WriteUInt32LittleEndian(sum, Masked(part));
            stream.Write(sum);
        }
    }

    private static byte[] Time(double seconds)
    {
        var bytes = new byte[1 + sizeof(double)];
        bytes[0] = (1 << 3) | Double;
        BinaryPrimitives.WriteDoubleLittleEndian(bytes.AsSpan(1), seconds);
        return bytes;
    }

    private static byte[] Field(int number, ReadOnlySpan<byte> content) =>
        [(byte)((number << 3) | Bytes), .. Number((ulong)content.Length), .. content];

    private static List<byte> Number(ulong value)
    {
        var bytes = new List<byte>();
        for (; value > 0x7F; value >>= 7) bytes.Add((byte)(value | 0x80));
        bytes.Add((byte)value);
        return bytes;
    }

    private static uint Masked(byte[] bytes)
    {
        var sum = ~bytes.Aggregate(uint.MaxValue, BitOperations.Crc32C);
        return ((sum >> 15) | (sum << 17)) + 0xA282EAD8;
    }
}
