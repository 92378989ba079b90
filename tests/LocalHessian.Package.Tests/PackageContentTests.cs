using System.Buffers.Binary;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace LocalHessian.Package.Tests;

[Collection(nameof(PackedLibrary))]
public partial class PackageContentTests(PackedLibrary packed)
{
    private const string Library = "LocalHessian", Mpi = "LocalHessian.Mpi";

    [Fact]
    public void The_package_holds_the_library_its_docs_readme_licence_and_build_targets_for_each_framework()
    {
        using var package = packed.Open(Library);
        package.Entries.Select(e => e.FullName).Should().Contain([
            "lib/net8.0/LocalHessian.dll", "lib/net8.0/LocalHessian.xml",
            "lib/net10.0/LocalHessian.dll", "lib/net10.0/LocalHessian.xml",
            "buildTransitive/net8.0/LocalHessian.targets", "buildTransitive/net8.0/WeakenSymbolVersion.cs",
            "buildTransitive/net10.0/LocalHessian.targets", "buildTransitive/net10.0/WeakenSymbolVersion.cs",
            "README.md", "LICENSE",
        ]);
    }

    [Theory, InlineData("net8.0"), InlineData("net10.0")]
    public void The_docs_in_the_package_describe_the_optimizer(string framework)
    {
        using var package = packed.Open(Library);
        using var stream = package.GetEntry($"lib/{framework}/LocalHessian.xml")!.Open();
        var described = XDocument.Load(stream).Descendants("member").Select(m => m.Attribute("name")!.Value);
        described.Should().Contain("T:LocalHessian.Optim.ScaleAmendedSGD");
    }

    [Fact]
    public void The_symbol_package_holds_the_symbols()
    {
        using var symbols = packed.Open(Library, "snupkg");
        symbols.Entries.Select(e => e.FullName).Should().Contain(["lib/net8.0/LocalHessian.pdb", "lib/net10.0/LocalHessian.pdb"]);
    }

    [Fact]
    public void TorchSharp_is_the_only_dependency_and_that_of_MPI_is_the_library()
    {
        Dependencies(Library).Should().Equal(("TorchSharp", Dotnet.BuiltWith("TorchSharpVersion")));
        Dependencies(Mpi).Should().Equal((Library, packed.Version));
    }

    [Theory, InlineData(Library), InlineData(Mpi)]
    public void The_package_names_its_licence_readme_icon_and_where_it_lives(string package)
    {
        XElement Element(string name) => Nuspec(package).Descendants().Single(e => e.Name.LocalName == name);
        Element("license").Value.Should().Be("MIT");
        Element("readme").Value.Should().Be("README.md");
        Element("icon").Value.Should().Be("icon.png");
        Element("projectUrl").Value.Should().Be(Dotnet.BuiltWith("RepositoryUrl")).And.StartWith("https://");
        Element("repository").Attribute("url")!.Value.Should().Be(Dotnet.BuiltWith("RepositoryUrl"));
        Element("repository").Attribute("type")!.Value.Should().Be("git");
    }

    [Theory, InlineData(Library), InlineData(Mpi)]
    public void The_icon_is_a_square_picture_of_128_pixels(string package)
    {
        var picture = Bytes(package, "icon.png");
        picture[..8].Should().Equal(0x89, (byte)'P', (byte)'N', (byte)'G', (byte)'\r', (byte)'\n', 0x1a, (byte)'\n');
        (BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(16)), BinaryPrimitives.ReadInt32BigEndian(picture.AsSpan(20)))
            .Should().Be((128, 128));
    }

    // A package page shows the README without the repository and without HTML, and pictures from hosts that it trusts.
    [Theory, InlineData(Library), InlineData(Mpi)]
    public void Links_and_pictures_of_the_readme_work_on_the_package_page(string package)
    {
        var prose = Code().Replace(Encoding.UTF8.GetString(Bytes(package, "README.md")), "");
        Others(Target(), "https://").Should().BeEmpty();
        Others(Picture(), "https://raw.githubusercontent.com/").Should().BeEmpty();
        prose.Should().NotMatchRegex("<(a|img|p|div|picture|details|br)[ >/]");

        IEnumerable<string> Others(Regex link, string beginning) => link.Matches(prose).Select(m => m.Groups[1].Value)
            .Where(target => !target.StartsWith(beginning, StringComparison.Ordinal));
    }

    [Fact]
    public void Each_link_of_the_readme_leads_to_the_same_place_in_the_package()
    {
        var repository = Dotnet.BuiltWith("RepositoryUrl");
        var pictures = repository.Replace("https://github.com/", "https://raw.githubusercontent.com/", StringComparison.Ordinal);
        string There(string target) => target.StartsWith("https://", StringComparison.Ordinal) ? target
            : target.StartsWith('#') ? $"{repository}/blob/HEAD/README.md{target}"
            : $"{(target.EndsWith(".png", StringComparison.Ordinal) ? pictures : $"{repository}/blob")}/HEAD/{target}";

        var source = File.ReadAllText(Path.Combine(PackedLibrary.RepositoryRoot(), "README.md"));
        Targets(Encoding.UTF8.GetString(Bytes(Library, "README.md"))).Should().Equal(Targets(source).Select(There));
    }

    private static List<string> Targets(string text) =>
        Target().Matches(Code().Replace(text, "")).Select(m => m.Groups[1].Value).ToList();

    private List<(string, string)> Dependencies(string package) =>
        Nuspec(package).Descendants().Where(e => e.Name.LocalName == "dependency")
            .Select(d => (d.Attribute("id")!.Value, d.Attribute("version")!.Value)).Distinct().ToList();

    private XDocument Nuspec(string package) =>
        XDocument.Parse(Encoding.UTF8.GetString(Bytes(package, $"{package}.nuspec")).TrimStart('\ufeff'));

    [GeneratedRegex("^```.*?^```|`[^`\n]*`", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Code();

    [GeneratedRegex(@"\]\(([^)\s]*)")]
    private static partial Regex Target();

    [GeneratedRegex(@"!\[[^\]]*\]\(([^)\s]*)")]
    private static partial Regex Picture();

    private byte[] Bytes(string package, string entry)
    {
        using var archive = packed.Open(package);
        using var stream = archive.GetEntry(entry)!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
