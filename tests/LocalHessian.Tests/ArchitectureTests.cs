using System.Text.RegularExpressions;
using LocalHessian.Tests.Cases;

namespace LocalHessian.Tests;

/// <summary>The arrows between the folders of the library, as CONTRIBUTING draws them, held to by reading the sources.</summary>
[Trait("Category", "Repository")]
public partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> MayUse = new()
    {
        ["Internal"] = [],
        ["Operators"] = ["Internal"],
        ["Solvers"] = ["Internal", "Operators"],
        ["Spectra"] = ["Internal", "Operators", "Solvers"],
        ["Blocks"] = ["Internal"],
        ["Parallel"] = ["Internal"],
        ["Scaling"] = ["Internal", "Blocks"],
        ["Optim"] = ["Internal", "Blocks", "Scaling", "Parallel"],
        ["Analysis"] = ["Internal", "Blocks", "Operators", "Solvers"],
        ["Curvature"] = ["Internal", "Operators", "Solvers", "Spectra"],
        ["Monitoring"] = ["Internal", "Blocks", "Scaling", "Optim", "Operators", "Solvers", "Spectra", "Analysis"],
        ["Reporting"] = ["Internal", "Blocks", "Scaling", "Operators", "Solvers", "Spectra", "Analysis"],
    };

    private static readonly string Root = Repository.Root;

    private static readonly string Library = Path.Combine(Root, "src", "LocalHessian");

    [Fact]
    public void Every_folder_has_its_place_in_the_picture() =>
        Sources().Select(s => s.Folder).Distinct().Except([""]).Should().BeSubsetOf(MayUse.Keys);

    [Fact]
    public void Folders_use_each_other_as_the_arrows_allow()
    {
        var sources = Sources().Select(s => (s.File, s.Folder, Code: WithoutComments(File.ReadAllText(s.File)))).ToList();
        var home = sources.SelectMany(s => Declaration().Matches(s.Code).Select(m => (Type: m.Groups[1].Value, s.Folder)))
            .GroupBy(d => d.Type).Where(g => g.Select(d => d.Folder).Distinct().Count() == 1)
            .ToDictionary(g => g.Key, g => g.First().Folder);

        var forbidden =
            from source in sources
            where source.Folder.Length > 0
            from type in Uses().Matches(source.Code).Select(m => m.Groups[1].Value + m.Groups[2].Value).Distinct()
            where home.TryGetValue(type, out var folder) && folder.Length > 0 && folder != source.Folder
                && !MayUse[source.Folder].Contains(folder)
            select $"{Path.GetRelativePath(Library, source.File)} uses {home[type]}/{type}";

        forbidden.Should().BeEmpty();
    }

    [Fact]
    public void CONTRIBUTING_draws_the_same_arrows()
    {
        var text = File.ReadAllText(Path.Combine(Root, "CONTRIBUTING.md"));
        foreach (var (folder, used) in MayUse)
            text.Should()
                .Contain($"| `{folder}` | {(used.Length == 0 ? "nothing" : string.Join(", ", used.Select(u => $"`{u}`")))} |");
    }

    [Theory]
    [InlineData("From a gradient to the weight", "ten", 10)]
    [InlineData("From a pass to Lanczos", "eight", 8)]
    public void CONTRIBUTING_names_as_many_files_on_the_way_as_it_says(string walk, string words, int files)
    {
        var text = File.ReadAllText(Path.Combine(Root, "CONTRIBUTING.md"));
        var rest = text[text.IndexOf($"**{walk}**, {words} files", StringComparison.Ordinal)..];
        var way = rest.Split("\n- ", 2)[0].Split("\n\n")[0];
        var known = Sources().Select(s => Path.GetFileNameWithoutExtension(s.File)).ToHashSet();

        Name().Matches(way).Select(m => m.Groups[1].Value).Where(known.Contains).Distinct().Should().HaveCount(files);
    }

    [Fact]
    public void Lines_fit_the_width_of_editorconfig()
    {
        var width = int.Parse(Width().Match(File.ReadAllText(Path.Combine(Root, ".editorconfig"))).Groups[1].Value, null);
        var wide = new[] { "src", "tests", "samples", "benchmarks", "eng" }
            .SelectMany(d => Directory.EnumerateFiles(Path.Combine(Root, d), "*.cs", SearchOption.AllDirectories)).Where(IsSource)
            .SelectMany(f => File.ReadLines(f).Select((line, i) => (line, Place: $"{Path.GetRelativePath(Root, f)}:{i + 1}")))
            .Where(l => l.line.Length > width).Select(l => l.Place);

        wide.Should().BeEmpty();
    }

    [Fact]
    public void Files_of_the_library_have_at_most_200_lines_and_half_of_them_fewer_than_60()
    {
        var lengths = Directory.EnumerateFiles(Path.Combine(Root, "src"), "*.cs", SearchOption.AllDirectories).Where(IsSource)
            .Select(f => (Place: Path.GetRelativePath(Root, f), Lines: File.ReadLines(f).Count())).OrderBy(f => f.Lines).ToList();

        lengths.Where(f => f.Lines > 200).Should().BeEmpty();
        lengths[lengths.Count / 2].Lines.Should().BeLessThan(60);
    }

    private static IEnumerable<(string File, string Folder)> Sources() =>
        Directory.EnumerateFiles(Library, "*.cs", SearchOption.AllDirectories).Where(IsSource)
        .Select(f => (f, Path.GetRelativePath(Library, f).Split(Path.DirectorySeparatorChar) is [var folder, _, ..] ? folder
        : ""));

    private static bool IsSource(string file) => !file.Split(Path.DirectorySeparatorChar).Any(p => p is "bin" or "obj");

    private static string WithoutComments(string code) => Text().Replace(code, "");

    [GeneratedRegex("""//[^\n]*|"(?:[^"\\\n]|\\.)*"|using [^;(]*;""")]
    private static partial Regex Text();

    [GeneratedRegex(@"\b(?:class|struct|interface|enum|record|record struct)\s+([A-Z]\w+)")]
    private static partial Regex Declaration();

    // A type's name before a name, a member or type arguments; or after new, is, as, a colon, a bracket of type arguments or
    // typeof.
    [GeneratedRegex(@"(?<![.\w])([A-Z]\w+)(?=[?\[\]]*\s+[A-Za-z_]|\.|<)|(?<=\bnew |\bis |\bas |: |<|typeof\()([A-Z]\w+)")]
    private static partial Regex Uses();

    [GeneratedRegex("`(\\w+)`")]
    private static partial Regex Name();

    [GeneratedRegex(@"max_line_length = (\d+)")]
    private static partial Regex Width();
}
