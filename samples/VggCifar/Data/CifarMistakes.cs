namespace VggCifar.Data;

/// <summary>What people have where the binary files should be, and what to do about it.</summary>
internal static class CifarMistakes
{
    private static readonly EnumerationOptions Below =
        new() { RecurseSubdirectories = true, MaxRecursionDepth = 3, IgnoreInaccessible = true };

    /// <summary>The end of a sentence: what was found below the folder instead of the files.</summary>
    public static string Explain(CifarFormat format, string root)
    {
        var entries = Directory.EnumerateFileSystemEntries(root, "*", Below).ToList();
        if (entries.FirstOrDefault(path => File.Exists(path) && format.Files.Contains(Path.GetFileName(path))) is { } file)
            return $"they lie deeper; give --data-root \"{Path.GetDirectoryName(file)}\".";
        if (entries.FirstOrDefault(path => File.Exists(path) && IsArchive(path)) is { } archive)
            return $"the archive '{archive}' is not unpacked (tar -xzf {Path.GetFileName(archive)})"
                + (IsPython(archive) ? $" and is the Python version; the binary one is at {format.Archive}." : ".");
        if (entries.FirstOrDefault(IsPython) is { } python)
            return $"'{python}' belongs to the Python version; the binary one is at {format.Archive}, and --download fetches it.";
        if (entries.FirstOrDefault(path => path.EndsWith(".mat", StringComparison.OrdinalIgnoreCase)) is { } matlab)
            return $"'{matlab}' belongs to the Matlab version; the binary one is at {format.Archive}, and --download fetches it.";
        return $"expected {string.Join(", ", format.Files)} there or in its sub-folder '{format.Folder}'. With --download they "
            + "are fetched.";
    }

    public static bool IsArchive(string path)
    {
        var name = Path.GetFileName(path);
        return name.StartsWith("cifar", StringComparison.OrdinalIgnoreCase)
            && new[] { ".tar.gz", ".tgz", ".tar", ".zip" }.Any(end => name.EndsWith(end, StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>Pickles have the names of the binary files without their ending.</summary>
    private static bool IsPython(string path)
    {
        var name = Path.GetFileName(path);
        return name is "batches.meta" or "meta" or "cifar-10-batches-py" or "cifar-100-python"
            || name.StartsWith("data_batch_", StringComparison.Ordinal) && !name.EndsWith(".bin", StringComparison.Ordinal)
                && !name.EndsWith(".mat", StringComparison.Ordinal)
            || name.Contains("-python.", StringComparison.Ordinal);
    }
}
