namespace VggCifar.Data;

/// <summary>Finds the official files below the folder the user named.</summary>
internal static class CifarFolder
{
    /// <summary>
    /// The folder that holds the files: <paramref name="root"/> itself, the official folder in it, or that folder in a
    /// sub-folder CIFAR10 or CIFAR100.
    /// </summary>
    /// <exception cref="UserError">There is no such folder; the message says what was found instead.</exception>
    public static string Find(CifarFormat format, string root)
    {
        if (File.Exists(root))
            throw new UserError(
                $"--data-root: '{root}' is a file; a folder is "
                + $"needed{(CifarMistakes.IsArchive(root) ? ", one into which it was unpacked (tar -xzf)" : "")}.");
        if (!Directory.Exists(root))
            throw new UserError($"--data-root: the folder '{root}' does not exist.");
        return Candidates(format, root)
            .FirstOrDefault(folder => format.Files.Any(file => File.Exists(Path.Combine(folder, file))))
            ?? throw new UserError($"--data-root: no {format.Name} files in '{root}': {CifarMistakes.Explain(format, root)}");
    }

    /// <summary>Whether every file is there.</summary>
    public static bool IsComplete(CifarFormat format, string root) =>
        Directory.Exists(root)
            && Candidates(format, root).Any(folder => format.Files.All(file => File.Exists(Path.Combine(folder, file))));

    private static IEnumerable<string> Candidates(CifarFormat format, string root) =>
        [
            Path.Combine(root, format.Folder),
            Path.Combine(root, format.Name.Replace("-", "", StringComparison.Ordinal), format.Folder), root,
        ];
}
