namespace LocalHessian.Internal;

/// <summary>Files that are written whole or not at all.</summary>
internal static class AtomicFile
{
    private const string Suffix = ".tmp";

    /// <summary>
    /// Writes a file beside the target, flushes it to the disk and renames it over the target. After an error or a kill the target
    /// is what it was; what a kill leaves beside it is never read, and goes with the next write.
    /// </summary>
    /// <param name="path">The target; if it is a link, the file it points to.</param>
    /// <param name="write">Writes the content.</param>
    public static void Write(string path, Action<Stream> write)
    {
        var isLink = new FileInfo(path).LinkTarget is not null;
        var target = isLink ? File.ResolveLinkTarget(path, returnFinalTarget: true)!.FullName : Path.GetFullPath(path);
        if (Directory.Exists(target)) throw new IOException($"'{path}' is a folder; the name of a file is needed.");
        RemoveAbandoned(target);
        var temporary = $"{target}.{Guid.NewGuid():N}{Suffix}";
        try
        {
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None))
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

    private static void RemoveAbandoned(string target)
    {
        var (folder, name) = (Path.GetDirectoryName(target)!, Path.GetFileName(target));
        if (!Directory.Exists(folder)) return;
        foreach (var file in Directory.EnumerateFiles(folder).Where(f => IsTemporaryOf(Path.GetFileName(f), name)))
        {
            // Whoever still writes it holds it open for himself alone.
            try { new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.None, 1, FileOptions.DeleteOnClose).Dispose(); }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException) { }
        }
    }

    private static bool IsTemporaryOf(string file, string target) =>
        file.Length == target.Length + 1 + 32 + Suffix.Length
        && file.StartsWith(target + ".", StringComparison.Ordinal) && file.EndsWith(Suffix, StringComparison.Ordinal)
        && Guid.TryParseExact(file.AsSpan(target.Length + 1, 32), "N", out _);
}
