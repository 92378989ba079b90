using System.Security.Cryptography;
using System.Text;

namespace LocalHessian.Parallel;

/// <summary>
/// Shows that all ranks have the same before they rely on it; otherwise sums would mix what does not belong together.
/// </summary>
/// <remarks>
/// Sums alone serve: numbers h_r are equal exactly if Size·Σh_r² = (Σh_r)². Of each description 20 bits of a hash are compared,
/// whose squares summed over 8,000 ranks are exact in float64.
/// </remarks>
public static class Agreement
{
    private const int HashBits = 20;

    /// <summary>Throws on all ranks alike unless their lists are the same.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="what">What the list is of, in the plural, for the message.</param>
    /// <param name="items">One description an item, such as a parameter's name and shape.</param>
    /// <exception cref="InvalidOperationException">The number of items, or one of them, differs.</exception>
    public static void ThrowUnlessAlike(this IRanks ranks, string what, IReadOnlyList<string> items)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        ArgumentNullException.ThrowIfNull(what);
        ArgumentNullException.ThrowIfNull(items);
        if (FirstDifference(ranks, [items.Count]) >= 0)
            throw new InvalidOperationException(
                $"The ranks have different numbers of {what}; rank {ranks.Rank} has {items.Count}.");
        var at = FirstDifference(ranks, [.. items.Select(Hash)]);
        if (at >= 0)
            throw new InvalidOperationException(
                $"The ranks have different {what}; number {at + 1} is {items[at]} on rank {ranks.Rank}.");
    }

    private static int FirstDifference(IRanks ranks, double[] numbers)
    {
        double[] sums = [.. numbers, .. numbers.Select(n => n * n)];
        ranks.Sum(sums);
        var spreads = numbers.Select((_, i) => ranks.Size * sums[numbers.Length + i] - sums[i] * sums[i]);
        return Array.FindIndex([.. spreads], spread => spread != 0);
    }

    private static double Hash(string text) =>
        BitConverter.ToUInt32(SHA256.HashData(Encoding.UTF8.GetBytes(text))) >> (32 - HashBits);
}
