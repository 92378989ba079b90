namespace LocalHessian.Tests.Cases;

/// <summary>
/// The repository's own files. A build for release replaces the paths that the compiler knows, so they are looked for.
/// </summary>
public static class Repository
{
    public static string Root { get; } = Find();

    private static string Find()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "LocalHessian.sln"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
