using System.Globalization;

namespace LocalHessian.Internal;

/// <summary>How messages write things, everywhere alike.</summary>
internal static class Describe
{
    /// <summary>As PyTorch does: <c>[2, 3]</c>.</summary>
    public static string Shape(params long[] shape) => $"[{string.Join(", ", shape)}]";

    /// <inheritdoc cref="Shape(long[])"/>
    public static string Shape(torch.Tensor t) => Shape(t.shape);

    /// <summary>Shape, dtype and device.</summary>
    public static string Tensor(torch.Tensor t) => $"{Shape(t)} in {t.dtype} on {t.device}";

    /// <summary>Quoted and separated by commas; of many, the first eight.</summary>
    public static string Names(IEnumerable<string> names)
    {
        var all = names.Select(n => $"'{n}'").ToList();
        return string.Join(", ", all.Take(8)) + (all.Count > 8 ? $" and {all.Count - 8} more" : "");
    }

    /// <summary>Six digits each, in the invariant culture; of many, the first eight: <c>[0.5, 2, … 40 in all]</c>.</summary>
    public static string Numbers(IReadOnlyList<double> numbers)
    {
        var first = numbers.Take(8).Select(n => n.ToString("G6", CultureInfo.InvariantCulture));
        return $"[{string.Join(", ", first)}{(numbers.Count > 8 ? $", … {numbers.Count} in all" : "")}]";
    }

    /// <summary>What libtorch says, without the C++ frames behind it.</summary>
    public static string FirstLine(Exception error) => error.Message.Split('\n', 2)[0].Trim();
}
