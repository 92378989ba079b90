using System.IO.Compression;
using System.Xml.Linq;

namespace LocalHessian.Package.Tests;

/// <summary>
/// The library, packed once for all tests under a version of its own, and a program that references the packed file.
/// </summary>
public sealed class PackedLibrary : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("LocalHessian.Package.").FullName;
    private readonly Dictionary<string, string> variables;

    public PackedLibrary()
    {
        // Unique, so that the user's package cache never serves an older build of the same version.
        Version = $"0.0.0-test.{Guid.NewGuid():N}";
        var project = Path.Combine(RepositoryRoot(), "src", "LocalHessian");
        Dotnet.Run(project, new Dictionary<string, string>(), "pack", "--no-build", "--disable-build-servers",
            "-c", Dotnet.BuiltWith("Configuration"), "-o", folder, $"-p:PackageVersion={Version}");
        variables = new()
        {
            ["PACKED_FEED"] = folder,
            ["PACKED_VERSION"] = Version,
            ["BACKEND_PACKAGE"] = Dotnet.BuiltWith("TorchBackendPackage"),
            ["BACKEND_VERSION"] = Dotnet.BuiltWith("TorchSharpVersion"),
        };

        Directory.CreateDirectory(Program);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(AppContext.BaseDirectory, "Consumer")))
            File.Copy(file, Path.Combine(Program, Path.GetFileName(file)));
    }

    public string Version { get; }

    /// <summary>The consuming program's folder.</summary>
    public string Program => Path.Combine(folder, "program");

    public ZipArchive Open(string extension) => ZipFile.OpenRead(Path.Combine(folder, $"LocalHessian.{Version}.{extension}"));

    /// <summary>Runs a command in the consuming program's folder.</summary>
    public string InProgram(params IEnumerable<string> arguments) => Dotnet.Run(Program, variables, arguments);

    /// <summary>The folder that NuGet unpacks packages to, the one the program was restored from.</summary>
    public string PackageCache() =>
        XDocument.Load(Path.Combine(Program, "obj", "Consumer.csproj.nuget.g.props")).Descendants()
            .Single(e => e.Name.LocalName == "NuGetPackageRoot").Value;

    public void Dispose()
    {
        var restored = Path.Combine(Program, "obj", "Consumer.csproj.nuget.g.props");
        if (File.Exists(restored))
        {
            var unpacked = Path.Combine(PackageCache(), "localhessian", Version);
            if (Directory.Exists(unpacked)) Directory.Delete(unpacked, recursive: true);
        }

        Directory.Delete(folder, recursive: true);
    }

    private static string RepositoryRoot()
    {
        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "LocalHessian.sln"))) root = root.Parent;
        return root?.FullName
            ?? throw new InvalidOperationException("The tests run inside the repository; LocalHessian.sln is not above them.");
    }
}

[CollectionDefinition(nameof(PackedLibrary))]
public sealed class UsesThePackedLibrary : ICollectionFixture<PackedLibrary>;
