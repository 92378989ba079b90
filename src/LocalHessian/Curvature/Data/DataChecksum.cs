using System.Security.Cryptography;
using System.Text;

namespace LocalHessian;

/// <summary>Checksums of batches: shapes, dtypes and every byte.</summary>
internal static class DataChecksum
{
    public static string Of(CurvatureBatch batch)
    {
        using var scope = NewDisposeScope();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var t in batch.Tensors)
        {
            hash.AppendData(Encoding.UTF8.GetBytes($"{Describe.Shape(t)}{t.dtype}"));
            hash.AppendData(t.detach().cpu().contiguous().bytes);
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    /// <summary>Throws unless the second enumeration gave what the first did.</summary>
    public static void ThrowIfDifferent(IReadOnlyList<string> first, IReadOnlyList<string> second)
    {
        if (first.Count != second.Count)
            throw new UnrepeatableDataException($"The data had {first.Count} batches when enumerated first, and "
                + $"{second.Count} the second time.");
        var differing = Enumerable.Range(0, first.Count).Where(i => first[i] != second[i]).ToArray();
        if (differing.Length == 0) return;
        throw new UnrepeatableDataException(first.Order().SequenceEqual(second.Order())
            ? "The data came in another order when they were enumerated again."
            : $"{differing.Length} of {first.Count} batches, the first of them batch {differing[0]}, held other numbers "
                + "when the data were enumerated again.");
    }
}
