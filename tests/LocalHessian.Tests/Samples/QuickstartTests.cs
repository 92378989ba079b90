using System.Globalization;
using System.Runtime.CompilerServices;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Samples;

public class QuickstartTests
{
    [Fact]
    public void A_layerwise_optimizer_written_outside_the_library_trains_saves_and_loads()
    {
        using var scope = NewDisposeScope();
        var written = CompiledProgram.Run(File.ReadAllText(Sample("layerwise.cs")));

        var losses = written.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => double.Parse(line.Split("loss ")[1], CultureInfo.InvariantCulture)).ToList();
        losses.Should().HaveCount(5);
        losses[^1].Should().BeLessThan(losses[0] / 10);
    }

    private static string Sample(string name, [CallerFilePath] string file = "") =>
        Path.GetFullPath(Path.Combine(file, "../../../../samples/quickstart", name));
}
