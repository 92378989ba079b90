namespace LocalHessian;

/// <summary>The data of an objective: one batch, or batches that can be enumerated again and again.</summary>
/// <remarks>
/// An enumerable is read in a dispose scope for each batch, which takes along what the enumerable creates for it; what it
/// creates on the way to its first batch (a permutation, a list of views) lives for the whole pass. TorchSharp's
/// <c>DataLoader</c> disposes its batches itself: nothing here keeps them longer. All other tensors stay the caller's.
/// </remarks>
public sealed class CurvatureData
{
    private CurvatureData(IEnumerable<CurvatureBatch> batches, bool isOneBatch = false)
    {
        ArgumentNullException.ThrowIfNull(batches);
        (Batches, IsOneBatch) = (batches, isOneBatch);
    }

    internal IEnumerable<CurvatureBatch> Batches { get; }

    /// <summary>Whether it is one batch for certain, which needs neither check nor second recording.</summary>
    internal bool IsOneBatch { get; }

    /// <summary>One batch for a network of one input. It must live as long as the curvature of it is asked for.</summary>
    public static CurvatureData Batch(Tensor input, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        return Batch(new CurvatureBatch(input, target));
    }

    /// <summary>One batch. It must live as long as the curvature of it is asked for.</summary>
    public static CurvatureData Batch(CurvatureBatch batch) => new([Argument.ThrowIfNull(batch)], isOneBatch: true);

    /// <summary>Any number of batches.</summary>
    public static CurvatureData From(IEnumerable<CurvatureBatch> batches) => new(batches);

    /// <summary>Batches of one input and its targets.</summary>
    public static CurvatureData From(IEnumerable<(Tensor Input, Tensor Target)> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return new(batches.Select(b => new CurvatureBatch(b.Input, b.Target)));
    }

    /// <summary>
    /// Batches as lists, the last of a list being the targets: those of TorchSharp's <c>IterableDataLoader</c>.
    /// </summary>
    public static CurvatureData From(IEnumerable<IList<Tensor>> batches)
    {
        ArgumentNullException.ThrowIfNull(batches);
        return new(batches.Select(b => b.Count >= 2
            ? new CurvatureBatch([.. b.Take(b.Count - 1)], b[^1])
            : throw new ArgumentException($"A batch is a list of {b.Count} tensors; inputs and targets are needed.",
                nameof(batches))));
    }

    /// <summary>Batches as dictionaries: those of TorchSharp's <c>DataLoader</c>.</summary>
    /// <param name="batches">The batches.</param>
    /// <param name="target">The key of the targets.</param>
    /// <param name="inputs">The keys of the network's inputs, in the order of its arguments.</param>
    public static CurvatureData From(IEnumerable<Dictionary<string, Tensor>> batches, string target, params string[] inputs)
    {
        ArgumentNullException.ThrowIfNull(batches);
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(inputs);
        return new(batches.Select(b => new CurvatureBatch([.. inputs.Select(key => Value(b, key))], Value(b, target))));
    }

    private static Tensor Value(Dictionary<string, Tensor> batch, string key) => batch.TryGetValue(key, out var value) ? value
        : throw new ArgumentException($"A batch has no '{key}'; it has {Internal.Describe.Names(batch.Keys)}.", nameof(batch));
}
