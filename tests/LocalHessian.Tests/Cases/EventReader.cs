using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace LocalHessian.Tests.Cases;

/// <summary>A scalar in a TensorBoard event file.</summary>
public sealed record Scalar(string Tag, long Step, float Value);

/// <summary>
/// Reads TensorBoard's files from their public description, apart from the code that writes them: records of length, masked
/// CRC-32C of the length, an Event message, masked CRC-32C of it.
/// </summary>
public static class EventReader
{
    public static IReadOnlyList<Scalar> Read(string path) => ReadWithTimes(path).Scalars;

    /// <summary>The scalars, and the time of every record, the first one's too: seconds since 1970.</summary>
    public static (IReadOnlyList<Scalar> Scalars, IReadOnlyList<double> Times) ReadWithTimes(string path)
    {
        var times = new List<double>();
        var bytes = File.ReadAllBytes(path).AsSpan();
        var scalars = new List<Scalar>();
        for (var first = true; bytes.Length > 0; first = false)
        {
            var length = (int)BinaryPrimitives.ReadUInt64LittleEndian(bytes);
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]).Should().Be(Masked(bytes[..8]));
            var message = bytes.Slice(12, length);
            BinaryPrimitives.ReadUInt32LittleEndian(bytes[(12 + length)..]).Should().Be(Masked(message));
            times.Add(BitConverter.ToDouble(Fields(message.ToArray()).Single(f => f.Number == 1).Bytes));
            if (first)
                Encoding.UTF8.GetString(message).Should().Contain("brain.Event:2");
            else
                scalars.AddRange(Scalars(message.ToArray()));
            bytes = bytes[(16 + length)..];
        }

        return (scalars, times);
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = BitOperations.Crc32C(crc, b);
        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    /// <summary>Event: 2 step, 5 summary. Summary: 1 value. Value: 1 tag, 2 simple_value.</summary>
    private static IEnumerable<Scalar> Scalars(byte[] message)
    {
        var fields = Fields(message).ToList();
        var step = fields.Where(f => f.Number == 2).Select(f => f.Integer).SingleOrDefault();
        foreach (var summary in fields.Where(f => f.Number == 5))
            foreach (var value in Fields(summary.Bytes).Where(f => f.Number == 1))
            {
                var parts = Fields(value.Bytes).ToList();
                yield return new Scalar(
                    Encoding.UTF8.GetString(parts.Single(f => f.Number == 1).Bytes), step,
                    BitConverter.ToSingle(parts.Single(f => f.Number == 2).Bytes));
            }
    }

    private static IEnumerable<(int Number, long Integer, byte[] Bytes)> Fields(byte[] message)
    {
        for (var at = 0; at < message.Length;)
        {
            var key = Varint(message, ref at);
            var (number, integer, size) = ((int)(key >> 3), 0L, 0);
            switch (key & 7)
            {
                case 0: integer = Varint(message, ref at); break;
                case 1: size = 8; break;
                case 2: size = (int)Varint(message, ref at); break;
                case 5: size = 4; break;
                default: throw new FormatException($"Wire type {key & 7}.");
            }

            yield return (number, integer, message[at..(at + size)]);
            at += size;
        }
    }

    private static long Varint(byte[] message, ref int at)
    {
        var value = 0L;
        for (var shift = 0; ; shift += 7)
        {
            var b = message[at++];
            value |= (long)(b & 0x7F) << shift;
            if (b < 0x80) return value;
        }
    }
}
