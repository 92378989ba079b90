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

        InProcess.Run([.. InProcess.Tiny.With("--device", "auto"), "--out", folder.File("run")]).Output.Should().StartWith("device: cpu, 1 thread");
    }
}
