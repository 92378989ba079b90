using System.IO.Compression;
using System.Xml.Linq;

namespace LocalHessian.Package.Tests;

[Collection(nameof(PackedLibrary))]
public class PackageContentTests(PackedLibrary packed)
{
    [Fact]
    public void The_package_holds_the_library_its_docs_readme_licence_and_build_targets()
    {
        using var package = packed.Open("nupkg");
        package.Entries.Select(e => e.FullName).Should().Contain([
            "lib/net10.0/LocalHessian.dll", "lib/net10.0/LocalHessian.xml", "README.md", "LICENSE",
            "buildTransitive/LocalHessian.targets", "buildTransitive/WeakenSymbolVersion.cs",
        ]);
    }

    [Fact]
    public void The_docs_in_the_package_describe_the_optimizer()
    {
        using var package = packed.Open("nupkg");
        using var stream = package.GetEntry("lib/net10.0/LocalHessian.xml")!.Open();
        var described = XDocument.Load(stream).Descendants("member").Select(m => m.Attribute("name")!.Value);
        described.Should().Contain("T:LocalHessian.Optim.ScaleAmendedSGD");
    }

    [Fact]
    public void The_symbol_package_holds_the_symbols()
    {
        using var symbols = packed.Open("snupkg");
        symbols.Entries.Select(e => e.FullName).Should().Contain("lib/net10.0/LocalHessian.pdb");
    }

    [Fact]
    public void TorchSharp_is_the_only_dependency()
    {
        var dependencies = Nuspec().Descendants().Where(e => e.Name.LocalName == "dependency");
        dependencies.Select(d => (d.Attribute("id")!.Value, d.Attribute("version")!.Value))
            .Should().Equal(("TorchSharp", Dotnet.BuiltWith("TorchSharpVersion")));
    }

    [Fact]
    public void The_package_names_its_licence_and_shows_the_readme()
    {
        string Value(string name) => Nuspec().Descendants().Single(e => e.Name.LocalName == name).Value;
        Value("license").Should().Be("MIT");
        Value("readme").Should().Be("README.md");
    }

    private XDocument Nuspec()
    {
        using var package = packed.Open("nupkg");
        using var stream = package.GetEntry("LocalHessian.nuspec")!.Open();
        return XDocument.Load(stream);
    }
}
