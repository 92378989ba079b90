namespace VggCifar.Training;

/// <summary>Files that are written whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>The end of the name of a file that is being written; whatever a kill leaves behind under it is never read.</summary>
    public const string Temporary = ".tmp";

    /// <summary>Writes beside the target, then renames over it. After an error or a kill the previous file is intact.</summary>
    public static void Write(string path, Action<Stream> write)
    {
        var temporary = path + Temporary;
        try
        {
            using (var stream = new FileStream(temporary, FileMode.Create, FileAccess.Write, FileShare.None, 1 << 16))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }
            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            // The runtime's word for a file beyond what its file system, or the process's quota, allows.
            if (e is ArgumentOutOfRangeException)
                throw new IOException($"'{path}' cannot be written: {e.Message}", e);
            throw;
        }
    }

    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));
}
