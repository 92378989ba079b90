namespace LocalHessian;

/// <summary>
/// Products M of a strip of the map with itself, one for each stretch, and from them what the strip's positions q see along its
/// dimensions: <c>B[o₁, o₂] = Σ_q M[q + o₁, q + o₂]</c>, a sum over shifted views of M with zeros around it.
/// </summary>
internal sealed class PatchFold : IDisposable
{
    private readonly PatchPlan _plan;
    private readonly long _count;
    private readonly long[] _sizes;
    private readonly Tensor _whole, _inside;

    /// <param name="strip">The strip.</param>
    /// <param name="plan">The plan it is of.</param>
    /// <param name="like">Has the dtype and device of the products.</param>
    public PatchFold(PatchStrip strip, PatchPlan plan, Tensor like)
    {
        (Strip, _plan, _count) = (strip, plan, plan.Stretches.Count);
        _sizes = [strip.Count, .. plan.Others.Select(a => a.Size), plan.Channels];
        long[] padded = [plan.Across.Window(strip.Positions), .. plan.Others.Select(a => a.Padded), plan.Channels];
        long[] before = [strip.Skipped, .. plan.Others.Select(a => a.Before), 0];
        using var scope = NewDisposeScope();
        _whole = zeros([_count, .. padded, .. padded], like.dtype, like.device);
        _inside = _whole;
        for (var i = 0; i < 2 * _sizes.Length; i++)
            _inside = _inside.narrow(i + 1, before[i % _sizes.Length], _sizes[i % _sizes.Length]);
        // Where the zeros are before and after all rows and columns, what lies between them is a matrix.
        var size = strip.Count * plan.Entry;
        Sums = plan.Others.Count == 0 ? _inside.view(_count, size, size) : zeros(_count, size, size, like.dtype, like.device);
        scope.Detach(_whole, _inside, Sums);
    }

    /// <summary>Which part of the map.</summary>
    public PatchStrip Strip { get; }

    /// <summary>M of each stretch, a row and a column for each entry and channel of the strip; zeros at first.</summary>
    public Tensor Sums { get; }

    /// <summary>B of each stretch, a row and a column for each offset and channel.</summary>
    public Tensor Folded()
    {
        if (_plan.Others.Count > 0) _inside.copy_(Sums.view([_count, .. _sizes, .. _sizes]));
        PatchAxis[] axes = [_plan.Across, .. _plan.Others];
        long[] positions = [Strip.Positions, .. _plan.Others.Select(a => a.Positions)];
        long[] kernel = [.. axes.Select(a => a.Kernel), _plan.Channels];
        var strides = _whole.stride();
        var dimensions = Enumerable.Range(0, axes.Length).ToArray();
        var (rows, columns) = (strides[1..(_sizes.Length + 1)], strides[(_sizes.Length + 1)..]);
        var views = _whole.as_strided(
            [_count, .. kernel, .. kernel, .. positions],
            [
                strides[0],
                .. dimensions.Select(i => axes[i].Dilation * rows[i]), rows[^1],
                .. dimensions.Select(i => axes[i].Dilation * columns[i]), columns[^1],
                .. dimensions.Select(i => rows[i] + columns[i]),
            ]);
        var offsets = kernel.Aggregate(1L, (n, k) => n * k);
        return views.sum([.. dimensions.Select(i => (long)(2 * kernel.Length + 1 + i))]).reshape(_count, offsets, offsets);
    }

    public void Dispose()
    {
        Sums.Dispose();
        _inside.Dispose();
        _whole.Dispose();
    }
}
