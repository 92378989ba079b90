using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace LocalHessian.Optim;

/// <summary>
/// The container of saved state: magic, format version, length of the body; the body; SHA-256 of all before. The body is a
/// description, preceded by its length, and the tensors' elements, contiguous, little-endian.
/// </summary>
/// <remarks>
/// The container is the same in every version, so that damage and a newer format can be told apart. A reader reads its own
/// version and every older one. The magic is what <see cref="BinaryReader.ReadString"/> takes for a name, so that
/// TorchSharp's own readers refuse the file by name.
/// </remarks>
internal static class StateFile
{
    public const int Version = 1;
    private const int Chunk = 1 << 20;
    private static readonly byte[] Magic = [18, .. Encoding.ASCII.GetBytes("LocalHessian.State")];
    private static readonly int HeaderSize = Magic.Length + sizeof(int) + sizeof(long);

    public static void Write(Stream stream, byte[] description, IReadOnlyList<Tensor> tensors)
    {
        using var sha = SHA256.Create();
        using (var hashed = new CryptoStream(stream, sha, CryptoStreamMode.Write, leaveOpen: true))
        {
            using var writer = new BinaryWriter(hashed, Encoding.UTF8, leaveOpen: true);
            writer.Write(Magic);
            writer.Write(Version);
            writer.Write(sizeof(int) + description.Length + tensors.Sum(t => t.numel() * t.element_size()));
            writer.Write(description.Length);
            writer.Write(description);
            writer.Flush();
            foreach (var tensor in tensors)
            {
                using var scope = NewDisposeScope();
                tensor.detach().cpu().contiguous().WriteBytesToStream(hashed, Chunk);
            }
        }

        stream.Write(sha.Hash!);
    }

    /// <summary>Reads a tensor's elements; a stream may give fewer bytes at once than it is asked for.</summary>
    /// <param name="host">A contiguous tensor on the CPU.</param>
    /// <param name="stream">The stream.</param>
    public static void Fill(Tensor host, Stream stream)
    {
        using var flat = host.view(-1);
        for (long from = 0; from < flat.numel(); from += Chunk)
        {
            using var part = flat.narrow(0, from, Math.Min(Chunk, flat.numel() - from));
            stream.ReadExactly(part.bytes);
        }
    }

    /// <summary>
    /// Checks everything, then hands the description and the stream at the first tensor to <paramref name="parse"/>.
    /// </summary>
    /// <param name="stream">The stream; afterwards at what follows the container.</param>
    /// <param name="parse">Gets the description, the tensors' bytes, and how many these are.</param>
    /// <exception cref="StateFileException">The content is damaged or of a newer version.</exception>
    public static T Read<T>(Stream stream, Func<byte[], Stream, long, T> parse)
    {
        var header = new byte[HeaderSize];
        var read = stream.ReadAtLeast(header, HeaderSize, throwOnEndOfStream: false);
        if (!header.AsSpan(0, Magic.Length).SequenceEqual(Magic) && read > 0 && !Magic.AsSpan()
            .StartsWith(header.AsSpan(0, Math.Min(read, Magic.Length))))
            throw new StateFileException(
                "This is no optimizer state of LocalHessian: it does not begin with its mark. Was it saved by another "
                + "library, or is its beginning damaged?");
        if (read < HeaderSize) throw Cut(read, HeaderSize);
        var version = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(Magic.Length));
        var length = BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(Magic.Length + sizeof(int)));
        if (length < sizeof(int)) throw Damaged($"its body would have {length} bytes");

        var body = stream.CanSeek ? stream : new MemoryStream();
        var start = stream.CanSeek ? stream.Position : 0;
        ThrowUnlessIntact(stream, header, length, stream.CanSeek ? Stream.Null : body);
        if (version is < 1 or > Version)
            throw new StateFileException($"The state has format version {version}; this version of LocalHessian reads versions "
                + $"1 to {Version}. Update the library.");

        body.Position = start;
        using var reader = new BinaryReader(body, Encoding.UTF8, leaveOpen: true);
        var size = reader.ReadInt32();
        if (size < 0 || size > length - sizeof(int)) throw Damaged($"its description would have {size} bytes");
        var result = parse(reader.ReadBytes(size), body, length - sizeof(int) - size);
        if (stream.CanSeek) stream.Position = start + length + SHA256.HashSizeInBytes;
        return result;
    }

    private static void ThrowUnlessIntact(Stream stream, byte[] header, long length, Stream copy)
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        sha.AppendData(header);
        var buffer = new byte[(int)Math.Min(Chunk, length)];
        for (long done = 0; done < length;)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, length - done));
            var read = stream.ReadAtLeast(part, part.Length, throwOnEndOfStream: false);
            if (read < part.Length) throw Cut(HeaderSize + done + read, HeaderSize + length + SHA256.HashSizeInBytes);
            sha.AppendData(part);
            copy.Write(part);
            done += read;
        }

        var stored = new byte[SHA256.HashSizeInBytes];
        var last = stream.ReadAtLeast(stored, stored.Length, throwOnEndOfStream: false);
        if (last < stored.Length) throw Cut(HeaderSize + length + last, HeaderSize + length + stored.Length);
        if (!sha.GetHashAndReset().AsSpan().SequenceEqual(stored)) throw Damaged("its checksum does not fit its content");
    }

    private static StateFileException Cut(long found, long expected) =>
        new($"The state is cut short or damaged: it ends after {found} of {expected} bytes.");

    public static StateFileException Damaged(string why) => new($"The state is damaged: {why}.");
}
