using System.Globalization;
using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests;

/// <summary>
/// Defaults.txt is the one table of defaults: of options, of optional parameters, and the public constants. A change shows
/// there, and what
/// documentation states is compared with the code. With LOCALHESSIAN_WRITE_DOCS=1 it is written anew.
/// </summary>
[Trait("Category", "Repository")]
public partial class DefaultsTests
{
    private const BindingFlags Own =
        BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;
    private static readonly string Table = Path.Combine(Repository.Root, "tests", "LocalHessian.Tests", "Defaults.txt");
    private static readonly Type[] Types = typeof(NetworkCurvature).Assembly.GetExportedTypes();

    [Fact]
    public void The_table_of_defaults_is_the_code()
    {
        var lines = Types.SelectMany(t => Options(t).Concat(Parameters(t)).Concat(Constants(t)))
            .Distinct().Order(StringComparer.Ordinal);
        var text = string.Concat(lines.Select(l => l + "\n"));
        if (Environment.GetEnvironmentVariable("LOCALHESSIAN_WRITE_DOCS") is "1") File.WriteAllText(Table, text);

        File.ReadAllText(Table).ReplaceLineEndings("\n").Should().Be(text);
    }

    [Fact]
    public void XML_documentation_states_the_defaults_that_hold()
    {
        var members = XDocument.Load(Path.ChangeExtension(typeof(NetworkCurvature).Assembly.Location,
            "xml")).Descendants("member")
            .ToDictionary(m => m.Attribute("name")!.Value);
        var compared = 0;
        foreach (var (type, property, value) in Types.SelectMany(Properties))
            if (members.TryGetValue($"P:{property.DeclaringType!.FullName}.{property.Name}", out var member)
                && Stated(member) is { } stated)
            {
                Number(stated).Should().Be(Number(value), $"{type.Name}.{property.Name} says so");
                compared++;
            }

        foreach (var method in Types.SelectMany(Callables))
            foreach (var member in members.Where(m => IsOf(m.Key, m.Value, method)).Select(m => m.Value))
                foreach (var parameter in method.GetParameters().Where(p => p.HasDefaultValue))
                    if (member.Elements("param").FirstOrDefault(p => p.Attribute("name")!.Value == parameter.Name) is { } text
                        && Stated(text) is { } stated)
                    {
                        Number(stated).Should().Be(Number(Text(parameter.DefaultValue)),
                            $"{method.DeclaringType!.Name}'s {parameter.Name}");
                        compared++;
                    }

        compared.Should().BeGreaterThan(40, "most options and several parameters state their defaults");

        // Overloads may have parameters of the same names: then both texts are compared with both.
        static bool IsOf(string id, XElement member, MethodBase method) =>
            id.StartsWith($"M:{method.DeclaringType!.FullName}.{Name(method)}(", StringComparison.Ordinal)
            && member.Elements("param").Select(p => p.Attribute("name")!.Value).SequenceEqual(method.GetParameters()
                .Select(p => p.Name));
    }

    [Fact]
    public void Tolerances_that_depend_on_the_dtype_are_as_documented()
    {
        new SolveOptions().RelativeTolerance(ScalarType.Float64).Should().BeApproximately(1.5e-8, 0.05e-8);
        new SolveOptions().RelativeTolerance(ScalarType.Float32).Should().BeApproximately(3.5e-4, 0.05e-4);
        LanczosOptions.DefaultTolerance(ScalarType.Float64).Should().BeApproximately(3.7e-11, 0.05e-11);
        LanczosOptions.DefaultTolerance(ScalarType.Float32).Should().BeApproximately(2.4e-5, 0.05e-5);
    }

    [Fact]
    public void Pages_state_the_defaults_that_hold()
    {
        var values = Types.SelectMany(Properties).GroupBy(p => $"{p.Type.Name}.{p.Property.Name}").ToDictionary(g => g.Key,
            g => g.First().Value);
        var stated = Directory.EnumerateFiles(Path.Combine(Repository.Root, "docs"), "*.md", SearchOption.AllDirectories)
            .Append(Path.Combine(Repository.Root, "README.md")).SelectMany(page =>
                OnPage().Matches(File.ReadAllText(page))).ToList();

        stated.Should().HaveCountGreaterThanOrEqualTo(2);
        foreach (var match in stated)
            Number(match.Groups["a"].Value + match.Groups["b"].Value).Should().Be(Number(values[match.Groups["option"].Value]),
                match.Value);
    }

    /// <summary>What a text says after the word default: a number, true or false, an enumeration's member, a constant's
    /// value.</summary>
    private static string? Stated(XElement text)
    {
        var words = string.Concat(text.DescendantNodes().Select(n => n switch
        {
            XText t => t.Value,
            XElement { Name.LocalName: "see" } e => Meaning(e.Attribute("cref")?.Value ?? ""),
            _ => "",
        }));
        return InText().Match(words) is { Success: true } match ? match.Groups["value"].Value.TrimEnd('.') : null;
    }

    // The name of an enumeration's member, the value of a constant.
    private static string Meaning(string reference)
    {
        var dot = reference.LastIndexOf('.');
        if (dot < 2) return "";
        return Types.FirstOrDefault(t => t.FullName == reference[2..dot])?.GetField(reference[(dot + 1)..]) switch
        {
            { IsLiteral: true, DeclaringType.IsEnum: true } member => member.Name,
            { IsLiteral: true } constant => Text(constant.GetRawConstantValue()),
            _ => "",
        };
    }

    // "1 GiB" is the one unit in use.
    private static string Number(string value) => value.EndsWith("GiB", StringComparison.Ordinal)
        ? Text(long.Parse(value[..^3], CultureInfo.InvariantCulture) << 30)
        : double.TryParse(value, CultureInfo.InvariantCulture, out var number) ? Text(number) : value;

    private static IEnumerable<(Type Type, PropertyInfo Property, string Value)> Properties(Type type)
    {
        if (!type.Name.EndsWith("Options", StringComparison.Ordinal) || type.GetConstructor([]) is null) return [];
        var options = Activator.CreateInstance(type)!;
        return type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(p => p.CanWrite)
            .Select(p => (type, p, Text(p.GetValue(options))));
    }

    private static IEnumerable<string> Options(Type type) =>
        Properties(type).Select(p => $"{Name(p.Type)}.{p.Property.Name} = {p.Value}");

    private static IEnumerable<MethodBase> Callables(Type type) =>
        type.GetConstructors(Own).Concat<MethodBase>(type.GetMethods(Own));

    private static IEnumerable<string> Parameters(Type type) =>
        from method in Callables(type)
        let parameters = method.GetParameters()
        where parameters.Any(p => p.HasDefaultValue && p.ParameterType != typeof(CancellationToken))
        select $"{Name(type)}{(method.IsConstructor ? "" : "." + method.Name)}("
            + string.Join(", ", parameters.Select(p => p.HasDefaultValue ? $"{p.Name} = {Text(p.DefaultValue)}" : p.Name)) + ")";

    private static IEnumerable<string> Constants(Type type) => type.IsEnum ? [] : type.GetFields(Own).Where(f => f.IsLiteral)
        .Select(f => $"{Name(type)}.{f.Name} = {Text(f.GetRawConstantValue())}")
        .Concat(type.GetProperties(Own).Where(p => p.GetMethod!.IsStatic && p.CanWrite).Select(p =>
            $"{Name(type)}.{p.Name} = {Text(p.GetValue(null))}"));

    private static string Name(Type type) => type.FullName!["LocalHessian.".Length..];

    private static string Name(MethodBase method) => method.IsConstructor ? "#ctor" : method.Name;

    private static string Text(object? value) => value switch
    {
        null => "null",
        bool yes => yes ? "true" : "false",
        string text => $"\"{text}\"",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.Equals(Activator.CreateInstance(value.GetType())) ? "new()" : value.ToString()!,
    };

    [GeneratedRegex(@"[Dd]efault(?: is)? (?<value>\d+ GiB|-?\d[\d.]*(?:e-?\d+)?|true|false|[A-Z]\w+)(?=[\s.,;:)]|$)")]
    private static partial Regex InText();

    [GeneratedRegex(@"`(?<option>\w+Options\.\w+)`[^`]{0,40}?(?:\(default (?<a>\d[\d.]*)\)|= (?<b>\d[\d.]*) by default)")]
    private static partial Regex OnPage();
}
