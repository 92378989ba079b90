using System.Globalization;
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

    [Fact]
    public void The_curvature_of_a_network_is_a_page_of_code()
    {
        using var scope = NewDisposeScope();
        var lines = CompiledProgram.Run(File.ReadAllText(Sample("curvature.cs")))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Should().HaveCount(4);
        lines[1].Should().StartWith("eigenvalues ").And.NotContain("not converged");
        double Loss(string line) => double.Parse(line.Split("loss ")[1].Split(' ')[0], CultureInfo.InvariantCulture);
        Loss(lines[3]).Should().BeLessThan(0.75 * Loss(lines[0]), "a Gauss-Newton step goes far");
    }

    [Fact]
    public void An_operator_written_outside_the_library_serves_Lanczos_sums_and_the_trace()
    {
        using var scope = NewDisposeScope();
        var lines = CompiledProgram.Run(File.ReadAllText(Sample("operator.cs")))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

        lines.Should().HaveCount(3);
        foreach (var words in lines[..2].Select(line => line.Split(' '))) words[1].Should().Be(words[3].Trim());
        double.Parse(lines[2].Split(' ')[1], CultureInfo.InvariantCulture).Should().BeInRange(100, 500);
    }

    private static string Sample(string name) => Path.Combine(Repository.Root, "samples", "quickstart", name);
}
