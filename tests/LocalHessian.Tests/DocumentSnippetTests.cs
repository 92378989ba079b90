using System.Reflection;
using System.Text.RegularExpressions;
using LocalHessian.Tests.Cases;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LocalHessian.Tests;

/// <summary>Every C# snippet of README and docs compiles and runs: those of a page one after the other, as one program.</summary>
[Trait("Category", "Repository")]
public partial class DocumentSnippetTests
{
    private const string ImplicitUsings = """
        global using System;
        global using System.Collections.Generic;
        global using System.IO;
        global using System.Linq;
        global using System.Threading;
        global using LocalHessian;
        """;

    // What a page takes from README's first snippet.
    private const string Model = """
        var model = Sequential(
            Conv2d(3, 4, 3, padding: 1, bias: false), BatchNorm2d(4), ReLU(), AdaptiveAvgPool2d(1), Flatten(), Linear(4, 10));
        var (images, labels) = (randn(8, 3, 8, 8), randint(0, 10, 8));
        """;

    private static readonly string Root = Repository.Root;

    public static TheoryData<string> Pages => new(
        new[] { "README.md", "CONTRIBUTING.md" }.Concat(Directory.EnumerateFiles(Path.Combine(Root, "docs"), "*.md",
            SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Root, f).Replace('\\', '/'))).Where(p => Snippets(p).Count > 0).Order());

    [Theory, MemberData(nameof(Pages))]
    public void Snippets_compile_and_run(string page)
    {
        var folder = Directory.CreateTempSubdirectory();
        var (before, here) = (Console.Out, Directory.GetCurrentDirectory());
        var printed = new StringWriter();
        try
        {
            var program = Compiled(Program(Snippets(page)));
            Console.SetOut(printed);
            Directory.SetCurrentDirectory(folder.FullName);
            using var scope = TorchSharp.torch.NewDisposeScope();
            program.EntryPoint!.Invoke(null, [Array.Empty<string>()]);
        }
        finally
        {
            Console.SetOut(before);
            Directory.SetCurrentDirectory(here);
            folder.Delete(recursive: true);
        }

        printed.ToString().Should().NotContain("NaN");
    }

    private static List<string> Snippets(string page) =>
        Fence().Matches(File.ReadAllText(Path.Combine(Root, page))).Select(m => m.Groups[1].Value).ToList();

    private static string Program(List<string> snippets)
    {
        var lines = snippets.SelectMany(s => s.Split('\n')).ToList();
        var usings = lines.Where(l => UsingDirective().IsMatch(l)).Concat(
        [
            "using LocalHessian.Blocks;", "using LocalHessian.Optim;", "using LocalHessian.Scaling;",
            "using LocalHessian.Monitoring;", "using LocalHessian.Spectra;", "using static TorchSharp.torch;",
            "using static TorchSharp.torch.nn;",
        ]).Distinct();
        var code = string.Join('\n', lines.Where(l => !UsingDirective().IsMatch(l)));
        if (!code.Contains("var model =", StringComparison.Ordinal)) code = $"{Model}\n{code}";
        // A hundred steps show a user something, three show a test that it runs.
        code = code.Replace("step < 100", "step < 3", StringComparison.Ordinal)
            .Replace("randn(128,", "randn(8,", StringComparison.Ordinal)
            .Replace("randint(0, 10, 128)", "randint(0, 10, 8)", StringComparison.Ordinal);
        return $"{string.Join('\n', usings)}\n{code}";
    }

    private static Assembly Compiled(string code)
    {
        var parsing = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Latest);
        var references = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(f => MetadataReference.CreateFromFile(f));
        var compilation = CSharpCompilation.Create(
            $"Snippets{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(ImplicitUsings, parsing), CSharpSyntaxTree.ParseText(code, parsing)], references,
            new CSharpCompilationOptions(OutputKind.ConsoleApplication));
        using var stream = new MemoryStream();
        var result = compilation.Emit(stream);
        result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Select(d => d.ToString()).Should().BeEmpty(code);
        return Assembly.Load(stream.ToArray());
    }

    [GeneratedRegex("""```csharp\r?\n(.*?)```""", RegexOptions.Singleline)]
    private static partial Regex Fence();

    [GeneratedRegex(@"^using (static )?[A-Z][\w.]*;")]
    private static partial Regex UsingDirective();
}
