using VggCifar.Data;

namespace VggCifar.Commands;

/// <summary>The data sets the command line knows.</summary>
internal static class Sources
{
    private static readonly string[] Names = ["builtin10", "builtin100", "cifar10", "cifar100"];

    public static string List => string.Join(", ", Names);

    public static string Check(string name) => Commands.Check.OneOf("--data", name, Names);
    public static bool BuiltIn(string name) => name.StartsWith("builtin", StringComparison.Ordinal);
    public static int Classes(string name) => name.EndsWith("100", StringComparison.Ordinal) ? 100 : 10;

    public static CifarFormat Format(string name) => Classes(name) == 100 ? CifarFormat.Cifar100 : CifarFormat.Cifar10;
}
