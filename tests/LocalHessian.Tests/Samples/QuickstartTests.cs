using System.Globalization;
using System.Text.RegularExpressions;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Samples;

[Trait("Category", "Repository")]
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

    [Fact]
    public void A_network_trains_and_its_multipliers_are_printed()
    {
        using var scope = NewDisposeScope();
        var lines = CompiledProgram.Run(File.ReadAllText(Sample("train.cs")))
            .Split('\n', StringSplitOptions.RemoveEmptyEntries);

        var losses = lines.Where(l => l.StartsWith("step ", StringComparison.Ordinal))
            .Select(l => Number(l.Split("loss ")[1])).ToList();
        losses.Should().HaveCount(6);
        losses[^1].Should().BeLessThan(losses[0] / 4);
        Number(lines[6].Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]).Should().BeGreaterThan(90, "percent of new images");
        lines[^3..].Select(l => l.Split(' ')[0]).Should().Equal("conv1", "conv2", "linear");
        lines[^3..].Select(l => Number(l.Split(' ')[^1])).Should().OnlyContain(m => m > 0);
    }

    [Fact]
    public void A_report_leads_to_the_layer_that_starts_too_small_and_shows_it_mended()
    {
        using var scope = NewDisposeScope();
        var written = CompiledProgram.Run(File.ReadAllText(Sample("diagnose.cs")));

        var found = Regex.Match(written, @"It is (\S+) in (\w+): all layers before it get a gradient (\d+) times smaller");
        found.Groups[2].Value.Should().Be("layer3");
        Number(found.Groups[1].Value).Should().BeApproximately(0.05 * 0.05, 0.0005,
            "its weights are orthogonal, times 0.05, and tanh is nearly linear there");
        var mended = Number(Regex.Match(written, @"twenty times as large it is (\S+)\.").Groups[1].Value);
        mended.Should().BeInRange(0.3, 1, "orthogonal weights keep a vector's length, and tanh shortens it");
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static string Sample(string name) => Path.Combine(Repository.Root, "samples", "quickstart", name);
}
