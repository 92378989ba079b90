using System.Text.RegularExpressions;

namespace LocalHessian.Tests;

[Trait("Category", "Repository")]
public partial class ReliabilityTableTests
{
    [Fact]
    public void Every_promise_in_docs_names_a_test_that_exists()
    {
        var root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "LocalHessian.sln"))) root = Path.GetDirectoryName(root)!;
        var tests = Directory.GetFiles(Path.Combine(root, "tests"), "*Tests.cs", SearchOption.AllDirectories)
            .SelectMany(file => Method().Matches(File.ReadAllText(file))
            .Select(m => $"{Path.GetFileNameWithoutExtension(file)}.{m.Groups[1].Value}")).ToHashSet();

        var promised = Reference().Matches(File.ReadAllText(Path.Combine(root, "docs", "reliability.md")))
            .Select(m => m.Groups[1].Value).ToList();

        promised.Count.Should().BeGreaterThan(60);
        promised.Should().OnlyContain(name => tests.Contains(name));
    }

    [GeneratedRegex(@"public (?:async )?(?:void|Task) (\w+)\(")]
    private static partial Regex Method();

    [GeneratedRegex(@"`(\w+Tests\.\w+)`")]
    private static partial Regex Reference();
}
