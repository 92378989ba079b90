using CsCheck;

namespace LocalHessian.Tests.Cases;

/// <summary>Files as accidents leave them.</summary>
public static class Damage
{
    /// <summary>
    /// The content cut anywhere, with bits flipped, a stretch zeroed or repeated, or bytes put in or taken out: never the
    /// content itself.
    /// </summary>
    public static Gen<byte[]> Of(byte[] content)
    {
        var place = Gen.Int[0, content.Length - 1];
        return Gen.OneOf(
            place.Select(at => content[..at]),
            Gen.Select(place, Gen.Int[0, 7]).Select((at, bit) => Changed(content, at, b => (byte)(b ^ (1 << bit)))),
            Gen.Select(place.Array[1, 8], Gen.Byte.Where(b => b != 0)).Select((places, mask) =>
                places.Distinct().Aggregate(content, (bytes, at) => Changed(bytes, at, b => (byte)(b ^ mask)))),
            Gen.Select(place, Gen.Int[1, 64]).Select((at, count) => (byte[])[.. content[..at],
                .. new byte[Math.Min(count, content.Length - at)], .. content[Math.Min(at + count, content.Length)..]]),
            Gen.Select(place, Gen.Byte).Select((at, b) => (byte[])[.. content[..at], b, .. content[at..]]),
            place.Select(at => (byte[])[.. content[..at], .. content[(at + 1)..]]),
            place.Select(at => (byte[])[.. content, .. content[at..]]))
            .Where(bytes => !bytes.AsSpan().SequenceEqual(content));
    }

    private static byte[] Changed(byte[] content, int at, Func<byte, byte> change)
    {
        var copy = content.ToArray();
        copy[at] = change(copy[at]);
        return copy;
    }
}
