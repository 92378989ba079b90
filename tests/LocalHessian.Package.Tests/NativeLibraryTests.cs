using System.IO.Compression;

namespace LocalHessian.Package.Tests;

/// <summary>TorchSharp's native library in what is made from a program: mended where asked for, else as published.</summary>
[Collection(nameof(PackedLibrary))]
public class NativeLibraryTests(PackedLibrary packed)
{
    private const string Shim = "libLibTorchSharp.so";
    private readonly ConsumingProgram program = packed.Program("CSharp");

    [Fact]
    public void The_mended_library_differs_from_the_packaged_one_in_one_flag()
    {
        program.Run("build", "-o", "mended", "--disable-build-servers", "-p:LocalHessianMendNative=force");
        ShouldBeMended(Path.Combine("mended", "runtimes", "linux-x64", "native", Shim));
    }

    [Fact]
    public void A_second_build_leaves_the_mended_library_alone()
    {
        string Build() => program.Run("build", "-o", "rebuilt", "-v:n", "--disable-build-servers",
            "-p:LocalHessianMendNative=force");
        const string mended = "symbol version GLIBCXX_3.4.32 is weak here";
        Build().Should().Contain(mended);
        Build().Should().NotContain(mended).And.NotContain("Copying file").And.NotContain("hard link");
    }

    [Fact]
    public void Mending_can_be_switched_off()
    {
        program.Run("build", "-o", "asis", "--disable-build-servers", "-p:LocalHessianMendNative=false");
        InProgram(Path.Combine("asis", "runtimes", "linux-x64", "native", Shim)).SequenceEqual(InPackage()).Should().BeTrue();
    }

    [Fact]
    public void A_program_published_for_Linux_gets_the_mended_library()
    {
        program.Run("publish", "-o", "published", "--disable-build-servers", "-r", "linux-x64", "--no-self-contained",
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

    private byte[] InProgram(string path) => File.ReadAllBytes(program.File(path));

    private static string TorchSharpFolder() =>
        Path.Combine(Dotnet.PackageCache, "torchsharp", Dotnet.BuiltWith("TorchSharpVersion"));

    private static string InCache() => Path.Combine(TorchSharpFolder(), "runtimes", "linux-x64", "native", Shim);

    /// <summary>The shim as it was published, from the package file itself, which unpacking leaves in the cache.</summary>
    private static byte[] InPackage()
    {
        using var package = ZipFile.OpenRead(Path.Combine(TorchSharpFolder(),
            $"torchsharp.{Dotnet.BuiltWith("TorchSharpVersion")}.nupkg"));
        using var stream = package.GetEntry($"runtimes/linux-x64/native/{Shim}")!.Open();
        using var bytes = new MemoryStream();
        stream.CopyTo(bytes);
        return bytes.ToArray();
    }
}
