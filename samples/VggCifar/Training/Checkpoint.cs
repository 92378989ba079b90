using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LocalHessian.Internal;

namespace VggCifar.Training;

/// <summary>
/// One run's checkpoint: a format mark, the state as JSON, the network's and the optimizer's own formats, and the SHA-256 of all that,
/// so that a file cut or changed anywhere is refused. A finished run keeps its history only.
/// </summary>
internal sealed record Checkpoint(string Run, RunState State, byte[] Network, byte[] Optimizer)
{
    /// <summary>Ends with the version; a reader refuses any other.</summary>
    private const string Mark = "VggCifar checkpoint 1\n";
    private const int HashBytes = SHA256.HashSizeInBytes;

    public void Write(string path)
    {
        using var content = new MemoryStream();
        using (var writer = new BinaryWriter(content, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Encoding.ASCII.GetBytes(Mark));
            writer.Write(Run);
            writer.Write(Json.Write(State));
            WriteBytes(writer, Network);
            WriteBytes(writer, Optimizer);
        }
        var bytes = content.GetBuffer().AsMemory(0, (int)content.Length);
        AtomicFile.Write(path, stream =>
        {
            stream.Write(bytes.Span);
            stream.Write(SHA256.HashData(bytes.Span));
        });
    }

    /// <exception cref="UserError">The file is damaged, of another version or of another run.</exception>
    public static Checkpoint Read(string path, string run)
    {
        var bytes = File.ReadAllBytes(path);
        if (bytes.Length < Mark.Length + HashBytes || !bytes.AsSpan(0, Mark.Length).SequenceEqual(Encoding.ASCII.GetBytes(Mark)))
            throw Damaged(path, $"it does not begin with '{Mark.TrimEnd()}'");
        var content = bytes.AsSpan(0, bytes.Length - HashBytes);
        if (!SHA256.HashData(content).AsSpan().SequenceEqual(bytes.AsSpan(content.Length)))
            throw Damaged(path, "its checksum does not fit its content");
        using var reader = new BinaryReader(new MemoryStream(bytes, Mark.Length, content.Length - Mark.Length), Encoding.UTF8);
        try
        {
            var found = reader.ReadString();
            if (found != run)
                throw Damaged(path, $"it belongs to the run '{found}'");
            return new Checkpoint(found, Json.Read<RunState>(reader.ReadString()), ReadBytes(reader), ReadBytes(reader));
        }
        catch (Exception e) when (e is IOException or JsonException or FormatException)
        {
            throw Damaged(path, e.Message);
        }
    }

    private static UserError Damaged(string path, string why) =>
        new($"'{path}' is no checkpoint of this run: {why}. Delete it to train this run from its start.");

    private static void WriteBytes(BinaryWriter writer, byte[] bytes)
    {
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static byte[] ReadBytes(BinaryReader reader)
    {
        var length = reader.ReadInt32();
        var bytes = reader.ReadBytes(length);
        return bytes.Length == length ? bytes : throw new EndOfStreamException();
    }
}
