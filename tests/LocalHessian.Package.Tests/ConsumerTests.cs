using System.Globalization;
using System.IO.Compression;

namespace LocalHessian.Package.Tests;

/// <summary>A console program outside the repository that knows the library only as a packed file.</summary>
[Collection(nameof(PackedLibrary))]
public class ConsumerTests(PackedLibrary packed)
{
    private const string Shim = "libLibTorchSharp.so";

    [Fact]
    public void A_program_that_references_the_package_trains()
    {
        packed.InProgram("build", "-o", "trained", "--disable-build-servers");
        var losses = packed.InProgram(Path.Combine("trained", "Consumer.dll")).Split('\n')
            .Where(l => l.StartsWith("loss ", StringComparison.Ordinal))
            .Select(l => double.Parse(l[5..], CultureInfo.InvariantCulture)).ToList();
        losses.Should().HaveCount(30).And.OnlyContain(l => double.IsFinite(l));
        losses[^1].Should().BeLessThan(losses[0] / 2);
    }

    [Fact]
    public void The_mended_library_differs_from_the_packaged_one_in_one_flag()
    {
        packed.InProgram("build", "-o", "mended", "--disable-build-servers", "-p:LocalHessianMendNative=force");
        ShouldBeMended(Path.Combine("mended", "runtimes", "linux-x64", "native", Shim));
    }

    [Fact]
    public void A_second_build_leaves_the_mended_library_alone()
    {
        string Build() => packed.InProgram("build", "-o", "rebuilt", "-v:n", "--disable-build-servers",
            "-p:LocalHessianMendNative=force", "-p:IntermediateOutputPath=obj/rebuilt/");
        const string mended = "symbol version GLIBCXX_3.4.32 is weak here";
        Build().Should().Contain(mended);
        Build().Should().NotContain(mended).And.NotContain("Copying file").And.NotContain("hard link");
    }

    [Fact]
    public void Mending_can_be_switched_off()
    {
        packed.InProgram("build", "-o", "asis", "--disable-build-servers", "-p:LocalHessianMendNative=false");
        InProgram(Path.Combine("asis", "runtimes", "linux-x64", "native", Shim)).SequenceEqual(InPackage()).Should().BeTrue();
    }

    [Fact]
    public void A_program_published_for_Linux_gets_the_mended_library()
    {
        packed.InProgram("publish", "-o", "published", "--disable-build-servers", "-r", "linux-x64", "--no-self-contained",
            "-p:UseAppHost=false", "-p:LocalHessianMendNative=force");
        ShouldBeMended(Path.Combine("published", Shim));
    }

    private void ShouldBeMended(string path)
    {
        byte[] mended = InProgram(path), original = InPackage();
        mended.Length.Should().Be(original.Length);
        var changed = Enumerable.Range(0, original.Length).Where(i => mended[i] != original[i]).ToList();
        changed.Should().ContainSingle();
        mended[changed[0]].Should().Be((byte)(original[changed[0]] | 0x2), "VER_FLG_WEAK is the only bit set");
        File.ReadAllBytes(InCache()).SequenceEqual(original).Should().BeTrue("the package cache is only read");
    }

    private byte[] InProgram(string path) => File.ReadAllBytes(Path.Combine(packed.Program, path));

    private string TorchSharpFolder() => Path.Combine(packed.PackageCache(), "torchsharp", Dotnet.BuiltWith("TorchSharpVersion"));

    private string InCache() => Path.Combine(TorchSharpFolder(), "runtimes", "linux-x64", "native", Shim);

    /// <summary>The shim as it was published, from the package file itself, which unpacking leaves in the cache.</summary>
    private byte[] InPackage()
    {
        using var package = ZipFile.OpenRead(Path.Combine(TorchSharpFolder(),
            $"torchsharp.{Dotnet.BuiltWith("TorchSharpVersion")}.nupkg"));
        using var stream = package.GetEntry($"runtimes/linux-x64/native/{Shim}")!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
