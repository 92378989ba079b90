using System.Reflection;
using System.Runtime.Loader;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace LocalHessian.Tests.Cases;

/// <summary>A program of one file, compiled and run in this process against the assemblies that the tests run with.</summary>
internal static class CompiledProgram
{
    private static readonly string Usings = string.Concat(
        new[] { "System", "System.Collections.Generic", "System.IO", "System.Linq", "System.Threading" }.Select(n =>
            $"global using {n};"));

    /// <returns>What it wrote to the console.</returns>
    public static string Run(string source)
    {
        // Directives of file-based programs are for the SDK; an empty line in their place keeps the numbers of lines.
        var text = string.Join('\n', source.Split('\n')
            .Select(line => line.StartsWith("#:", StringComparison.Ordinal) ? "" : line));
        var options = new CSharpParseOptions(LanguageVersion.Latest);
        var compilation = CSharpCompilation.Create(
            $"Program{Guid.NewGuid():N}",
            [CSharpSyntaxTree.ParseText(text, options), CSharpSyntaxTree.ParseText(Usings, options)],
            ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
                .Select(p => MetadataReference.CreateFromFile(p)),
            new CSharpCompilationOptions(OutputKind.ConsoleApplication, nullableContextOptions: NullableContextOptions.Enable));
        using var image = new MemoryStream();
        var result = compilation.Emit(image);
        result.Diagnostics.Where(d => d.Severity >= DiagnosticSeverity.Warning).Should().BeEmpty();
        image.Position = 0;
        var entry = AssemblyLoadContext.Default.LoadFromStream(image).EntryPoint!;
        var console = Console.Out;
        using var written = new StringWriter();
        Console.SetOut(written);
        try
        {
            entry.Invoke(null, BindingFlags.DoNotWrapExceptions, null, entry.GetParameters().Length == 0 ? []
            : [Array.Empty<string>()], null);
        }
        finally { Console.SetOut(console); }
        return written.ToString();
    }
}
