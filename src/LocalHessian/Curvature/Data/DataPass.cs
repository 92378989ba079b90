namespace LocalHessian;

/// <summary>Enumerates the data, a dispose scope a batch, and knows what must not change from one pass to the next.</summary>
internal sealed class DataPass(CurvatureData data, bool check)
{
    private bool _checked;
    private long? _samples;

    /// <summary>Whether a pass has one batch for certain, so that its graph may be kept.</summary>
    public bool IsOneBatch { get; private set; } = data.IsOneBatch;

    /// <summary>The number of batches, once known.</summary>
    public int? Count { get; private set; } = data.IsOneBatch ? 1 : null;

    /// <summary>Enumerates the data twice and compares, unless that has been done or is switched off.</summary>
    public void ThrowUnlessRepeatable(CancellationToken cancellation)
    {
        if (_checked || data.IsOneBatch || !check) return;
        List<string> first = Checksums(cancellation), second = Checksums(cancellation);
        DataChecksum.ThrowIfDifferent(first, second);
        if (first.Count == 0) throw new ArgumentException("The data have no batch.");
        (Count, IsOneBatch) = (first.Count, first.Count == 1);
        _checked = true;
    }

    /// <summary>
    /// Hands over each batch with its index. The batch and all that is created meanwhile are disposed before the next one, but
    /// for what an enumerable creates on the way to its first batch, which may be meant for all of them.
    /// </summary>
    public void ForEach(Action<CurvatureBatch, int> use, CancellationToken cancellation)
    {
        if (Enumerate(use, cancellation) == 0) throw new ArgumentException("The data have no batch.");
    }

    /// <summary>Remembers the samples of a whole pass; another number the next time is an error.</summary>
    public void Counted(long samples)
    {
        if (_samples is { } before && before != samples)
            throw new UnrepeatableDataException($"The data had {before} samples in an earlier pass and {samples} in this one.");
        _samples = samples;
    }

    private List<string> Checksums(CancellationToken cancellation)
    {
        var sums = new List<string>();
        Enumerate((batch, _) => sums.Add(DataChecksum.Of(batch)), cancellation);
        return sums;
    }

    private int Enumerate(Action<CurvatureBatch, int> use, CancellationToken cancellation)
    {
        using var pass = NewDisposeScope();
        using var batches = data.Batches.GetEnumerator();
        cancellation.ThrowIfCancellationRequested();
        if (!batches.MoveNext()) return 0;
        for (var index = 0; ; index++)
        {
            using var scope = NewDisposeScope();
            cancellation.ThrowIfCancellationRequested();
            if (index > 0 && !batches.MoveNext()) return index;
            ThrowIfDisposed(batches.Current, index);
            use(batches.Current, index);
        }
    }

    private static void ThrowIfDisposed(CurvatureBatch batch, int index)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Tensors.Any(t => t.IsInvalid))
            throw new ObjectDisposedException(
                nameof(CurvatureBatch),
                $"A tensor of batch {index} has been disposed. What an enumerable creates for a batch lives until the next "
                + "one; tensors that it keeps are to be created before the first batch, or detached from the dispose scope.");
    }
}
