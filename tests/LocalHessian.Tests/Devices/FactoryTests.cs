using System.Text.RegularExpressions;
using LocalHessian.Tests.Cases;

namespace LocalHessian.Tests.Devices;

/// <summary>
/// Every tensor that the library makes is made on a device it names, and every generator is of a device it names: then any
/// default device works, and a generator of the CPU never meets another device.
/// </summary>
[Trait("Category", "Repository")]
public partial class FactoryTests
{
    public static TheoryData<string> Sources
    {
        get
        {
            var root = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(root, "LocalHessian.sln")))
            {
                if (Path.GetDirectoryName(root) is not { } parent) return ["no sources here"]; // a folder of built programs
                root = parent;
            }

            var folder = Path.Combine(root, "src");
            return new(Directory.GetFiles(folder, "*.cs", SearchOption.AllDirectories)
                .Where(f => !f.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}",
                    StringComparison.Ordinal)).Select(f => Path.GetRelativePath(root, f)));
        }
    }

    [Theory, MemberData(nameof(Sources))]
    public void Every_factory_and_generator_names_its_device(string source)
    {
        var root = AppContext.BaseDirectory;
        while (root is not null && !File.Exists(Path.Combine(root, "LocalHessian.sln"))) root = Path.GetDirectoryName(root);
        if (root is null) return;
        var lines = File.ReadAllLines(Path.Combine(root, source)).Where(l => !l.TrimStart().StartsWith("//",
            StringComparison.Ordinal));
        var text = Strings().Replace(string.Join('\n', lines), "\"\"");

        Factory().Matches(text).Select(m => Call(text, m.Index)).Where(call => !Device().IsMatch(call)).Should().BeEmpty();
    }

    /// <summary>Else they run on the CPU alone: a generator draws on its own device, and only the CPU's memory is read.</summary>
    [Fact]
    public void The_tests_draw_with_generators_of_the_CPU_and_read_on_the_host()
    {
        var folder = Path.Combine(Repository.Root, "tests", "LocalHessian.Tests");
        var files = Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
            .Where(f => Path.GetRelativePath(folder, f).Split(Path.DirectorySeparatorChar)[0]
                is not ("obj" or "bin" or "Devices"));
        files.SelectMany(f => File.ReadLines(f).Where(l => OnOneDevice().IsMatch(l)).Select(l => $"{Path.GetFileName(f)}: {l}"))
            .Should().BeEmpty();
    }

    [GeneratedRegex(@"new Generator\((?!.*CPU)|^(?!.*cpu\(\)).*\.data<")]
    private static partial Regex OnOneDevice();

    // From the name to the parenthesis that closes its arguments.
    private static string Call(string text, int start)
    {
        var depth = 0;
        for (var i = text.IndexOf('(', start); i < text.Length; i++)
        {
            depth += text[i] switch { '(' => 1, ')' => -1, _ => 0 };
            if (depth == 0) return text[start..(i + 1)];
        }

        return text[start..];
    }

    [GeneratedRegex("\"\"\"[\\s\\S]*?\"\"\"|\"(\\\\.|[^\"\\\\\n])*\"")]
    private static partial Regex Strings();

    [GeneratedRegex(@"(?<![\w.])(?:torch\.)?(zeros|ones|tensor|arange|eye|empty|full|linspace|logspace|randn|rand|randint|"
        + @"randperm|normal|from_array|as_tensor|(?:new )?Generator|Generator \w+ = new)\((?!\))")]
    private static partial Regex Factory();

    [GeneratedRegex(@"\bCPU\b|[dD]evice\b")]
    private static partial Regex Device();
}
