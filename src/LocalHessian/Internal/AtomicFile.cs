using System.Text;

namespace LocalHessian.Internal;

/// <summary>Files that are written whole or not at all.</summary>
internal static class AtomicFile
{
    /// <summary>
    /// Writes a file beside the target, flushes it to the disk and renames it over the target, whose Unix mode it keeps.
    /// After an error or a kill the target is what it was; what a kill leaves beside it is never read, and goes with the next
    /// write. Of several processes that write one target the last one wins, and none fails; readers find one whole content.
    /// </summary>
    /// <param name="path">The target, a regular file or none; if it is a link, the file it points to.</param>
    /// <param name="write">Writes the content; it must leave the stream open.</param>
    public static void Write(string path, Action<Stream> write)
    {
        var isLink = new FileInfo(path).LinkTarget is not null;
        var target = isLink ? File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName : Path.GetFullPath(path);
        if (Directory.Exists(target)) throw new IOException($"'{path}' is a folder; the name of a file is needed.");
        if (FileKind.IsSpecial(target))
            throw new IOException($"'{path}' is a device, a pipe or a socket; a regular file is needed.");
        TemporaryName.RemoveAbandoned(target);
        var temporary = TemporaryName.For(target);
        try
        {
            using (var stream = Create(temporary, target))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
            }

            File.Move(temporary, target, overwrite: true);
        }
        catch (Exception e)
        {
            File.Delete(temporary);
            // The runtime's word for a file beyond what its file system, or the process's quota, allows.
            if (e is ArgumentOutOfRangeException) throw new IOException($"'{path}' cannot be written: {e.Message}", e);
            throw;
        }
    }

    /// <summary>Writes text as UTF-8, in the same way.</summary>
    public static void WriteText(string path, string text) => Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text)));

    // Never wider than the target, not even before its mode is set.
    private static FileStream Create(string temporary, string target)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (OperatingSystem.IsWindows() || !File.Exists(target)) return new FileStream(temporary, options);
        var mode = options.UnixCreateMode = File.GetUnixFileMode(target);
        var stream = new FileStream(temporary, options);
        File.SetUnixFileMode(stream.SafeFileHandle, mode.Value);
        return stream;
    }
}
