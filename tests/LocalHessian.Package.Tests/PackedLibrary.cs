using System.IO.Compression;

namespace LocalHessian.Package.Tests;

/// <summary>The packages, packed once for all tests under a version of their own.</summary>
public sealed class PackedLibrary : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("LocalHessian.Package.").FullName;
    private int programs;

    public PackedLibrary()
    {
        // Unique, so that the user's package cache never serves an older build of the same version.
        Version = $"0.0.0-test.{Guid.NewGuid():N}";
        foreach (var project in new[] { "LocalHessian", "LocalHessian.Mpi" })
            Dotnet.Run(Path.Combine(RepositoryRoot(), "src", project), new Dictionary<string, string>(),
                "pack", "--no-build", "--disable-build-servers", "-c", Dotnet.BuiltWith("Configuration"), "-o", folder,
                $"-p:PackageVersion={Version}");
    }

    public string Version { get; }

    public ZipArchive Open(string package, string extension = "nupkg") =>
        ZipFile.OpenRead(Path.Combine(folder, $"{package}.{Version}.{extension}"));

    /// <summary>A fresh copy of a program in <c>Consumers</c>, which knows the library only as the packed file.</summary>
    /// <param name="name">Its folder.</param>
    /// <param name="framework">What it is built for.</param>
    /// <param name="withBackend">Whether it references a package that brings libtorch too.</param>
    public ConsumingProgram Program(string name, string framework = "net10.0", bool withBackend = true)
    {
        var copy = Directory.CreateDirectory(Path.Combine(folder, $"program{programs++}")).FullName;
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Consumers", name)))
            File.Copy(file, Path.Combine(copy, Path.GetFileName(file)));
        return new(copy, new Dictionary<string, string>
        {
            ["CONSUMER_FRAMEWORK"] = framework,
            ["PACKED_FEED"] = folder,
            ["PACKED_VERSION"] = Version,
            ["BACKEND_PACKAGE"] = withBackend ? Dotnet.BuiltWith("TorchBackendPackage") : "",
            ["BACKEND_VERSION"] = Dotnet.BuiltWith("TorchSharpVersion"),
        });
    }

    public void Dispose()
    {
        var unpacked = Path.Combine(Dotnet.PackageCache, "localhessian", Version);
        if (Directory.Exists(unpacked)) Directory.Delete(unpacked, recursive: true);
        Directory.Delete(folder, recursive: true);
    }

    internal static string RepositoryRoot()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "LocalHessian.sln"))) root = root.Parent;
        return root?.FullName
            ?? throw new InvalidOperationException("The tests run inside the repository; LocalHessian.sln is not above them.");
    }
}

[CollectionDefinition(nameof(PackedLibrary))]
public sealed class UsesThePackedLibrary : ICollectionFixture<PackedLibrary>;
