using System.Security.Cryptography;

namespace VggCifar.Training;

/// <summary>The first bytes of a file that grows, and their SHA-256: what a checkpoint remembers of it.</summary>
internal sealed record WrittenPart(long Bytes, string Sha256)
{
    /// <summary>All of a file as it is now; null where there is none.</summary>
    public static WrittenPart? Of(string path)
    {
        if (!File.Exists(path))
            return null;
        using var file = File.OpenRead(path);
        return new WrittenPart(file.Length, Convert.ToHexString(SHA256.HashData(file)));
    }

    /// <summary>Whether the file still begins with them.</summary>
    public bool Begins(string path)
    {
        using var file = File.OpenRead(path);
        if (file.Length < Bytes)
            return false;
        var bytes = new byte[Bytes];
        file.ReadExactly(bytes);
        return Convert.ToHexString(SHA256.HashData(bytes)) == Sha256;
    }
}
