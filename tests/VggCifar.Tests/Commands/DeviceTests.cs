using TorchSharp;

namespace VggCifar.Tests.Commands;

public class DeviceTests
{
    [Fact]
    public void CUDA_that_is_not_there_is_refused_and_auto_takes_the_CPU()
    {
        if (torch.cuda.is_available())
            return;
        using var folder = new TemporaryFolder();

        var refused = InProcess.Run([.. InProcess.Tiny.With("--device", "cuda"), "--out", folder.File("run")]);
        refused.Code.Should().Be(2);
        refused.Errors.Should().Contain("--device cuda: no CUDA device is available").And.NotContain("\n");
        Directory.EnumerateFileSystemEntries(folder.Path).Should().BeEmpty();

        InProcess.Run([.. InProcess.Tiny.With("--device", "auto"), "--out", folder.File("run")]).Output.Should()
            .StartWith("device: cpu, 1 thread");
    }

    [Theory]
    [InlineData("cuda:x")]
    [InlineData("cuda:-1")]
    [InlineData("cuda1")]
    [InlineData("lazy")]
    public void Other_names_are_refused_and_named(string name)
    {
        using var folder = new TemporaryFolder();
        var refused = InProcess.Run([.. InProcess.Tiny.With("--device", name), "--out", folder.File("run")]);
        refused.Code.Should().Be(2);
        refused.Errors.Should().Contain($"'{name}' is none of cpu, cuda, cuda:1");
    }

    [Fact]
    public void Memory_format_and_dtype_are_chosen_by_name()
    {
        using var folder = new TemporaryFolder();
        InProcess.Run(
            [
                .. InProcess.Tiny, "--memory-format", "contiguous", "--dtype", "bfloat16", "--out", folder.File("run"),
            ]).Code.Should().Be(0);
        InProcess.Run([.. InProcess.Tiny, "--dtype", "bfloat16", "--optimizer", "sa-block-trace", "--out", folder.File("no")])
            .Errors.Should().Contain("sa-block-trace");
        InProcess.Run([.. InProcess.Tiny, "--dtype", "float8", "--out", folder.File("no")]).Code.Should().Be(2);
    }
}
