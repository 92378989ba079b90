using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using LocalHessian.Internal;

namespace VggCifar.Training;

/// <summary>
/// One run's checkpoint: a format mark, the run and the hash of its settings, the state as JSON, the network's and the
/// optimizer's own formats, and the SHA-256 of all that, so that a file cut or changed anywhere is refused. A finished run
/// keeps its history only. It is written and read as a stream: its size is limited by the disk alone.
/// </summary>
internal sealed class Checkpoint : IDisposable
{
    /// <summary>Ends with the version; a reader refuses any other.</summary>
    private const string Mark = "VggCifar checkpoint 2\n";
    private const int HashBytes = SHA256.HashSizeInBytes, ChunkBytes = 1 << 17;

    private Checkpoint(RunState state, BinaryReader content) => (State, Content) = (state, content);

    public RunState State { get; }

    /// <summary>What the run wrote behind its state.</summary>
    public BinaryReader Content { get; }

    /// <param name="path">The file.</param>
    /// <param name="run">Which run it is.</param>
    /// <param name="settings">The hash of its settings.</param>
    /// <param name="state">Where it stands.</param>
    /// <param name="content">Writes the rest.</param>
    public static void Write(string path, string run, string settings, RunState state, Action<BinaryWriter> content) =>
        AtomicFile.Write(path, stream =>
    {
        using var hashed = new HashingStream(stream);
        using (var writer = new BinaryWriter(hashed, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Encoding.ASCII.GetBytes(Mark));
            writer.Write(run);
            writer.Write(settings);
            writer.Write(Json.Write(state));
            content(writer);
        }
        stream.Write(hashed.Hash());
    });

    /// <exception cref="UserError">The file is damaged, of another version, of another run or of other settings.</exception>
    public static Checkpoint Read(string path, string run, string settings)
    {
        if (Directory.Exists(path))
            throw Unfit(path, "it is a folder");
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
        try
        {
            if (WhyDamaged(file) is { } why)
                throw Unfit(path, why);
            file.Position = Mark.Length;
            var reader = new BinaryReader(file, Encoding.UTF8);
            if (reader.ReadString() is var found && found != run)
                throw Unfit(path, $"it belongs to the run '{found}'");
            if (reader.ReadString() != settings)
                throw Unfit(path, "it was written by a run with other settings or other data");
            return new Checkpoint(Json.Read<RunState>(reader.ReadString()), reader);
        }
        catch (Exception e)
        {
            file.Dispose();
            if (e is EndOfStreamException or JsonException or FormatException)
                throw Unfit(path, e.Message);
            throw;
        }
    }

    public void Dispose() => Content.Dispose();

    private static UserError Unfit(string path, string why) =>
        new($"'{path}' is no checkpoint of this run: {why}. Delete it to train this run from its start.");

    private static string? WhyDamaged(FileStream file)
    {
        var mark = new byte[Mark.Length];
        if (file.Length < mark.Length + HashBytes || file.Read(mark) < mark.Length
            || !mark.AsSpan().SequenceEqual(Encoding.ASCII.GetBytes(Mark)))
            return $"it does not begin with '{Mark.TrimEnd()}'";
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(mark);
        var chunk = new byte[ChunkBytes];
        for (var left = file.Length - mark.Length - HashBytes; left > 0;)
        {
            var part = chunk.AsSpan(0, (int)Math.Min(chunk.Length, left));
            file.ReadExactly(part);
            hash.AppendData(part);
            left -= part.Length;
        }
        var stored = new byte[HashBytes];
        file.ReadExactly(stored);
        return hash.GetHashAndReset().AsSpan().SequenceEqual(stored) ? null : "its checksum does not fit its content";
    }
}
