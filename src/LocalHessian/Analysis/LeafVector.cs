namespace LocalHessian;

/// <summary>One or several leaves read as a single vector θ, or as a selection of its entries.</summary>
internal sealed class LeafVector
{
    private readonly Tensor? _selection;

    public LeafVector(IReadOnlyList<Tensor> leaves, Tensor? selection = null)
    {
        Leaves = leaves;
        _selection = selection;
        Total = leaves.Sum(l => l.numel());
        Size = selection?.numel() ?? Total;
    }

    public IReadOnlyList<Tensor> Leaves { get; }

    /// <summary>Entries of all leaves.</summary>
    public long Total { get; }

    /// <summary>Entries selected.</summary>
    public long Size { get; }

    /// <summary>The selected entries of one tensor a leaf, null for zeros, as a vector.</summary>
    public Tensor Gather(IReadOnlyList<Tensor?> parts)
    {
        Tensor[] flat = [.. parts.Select((p, i) => (p ?? zeros_like(Leaves[i])).reshape(-1))];
        var all = flat.Length == 1 ? flat[0] : cat(flat);
        return _selection is null ? all : all.index_select(0, _selection);
    }

    /// <summary>The inverse: a tensor a leaf, zero where not selected.</summary>
    public Tensor[] Scatter(Tensor vector)
    {
        var all = _selection is null ? vector : zeros(Total, vector.dtype, vector.device).index_copy_(0, _selection, vector);
        long start = 0;
        return Leaves.Select(leaf =>
        {
            var piece = all.narrow(0, start, leaf.numel()).reshape(leaf.shape);
            start += leaf.numel();
            return piece;
        }).ToArray();
    }

    /// <summary>Takes the selection out of the current dispose scope; <see cref="Release"/> disposes it.</summary>
    public void Own() => _selection?.DetachFromDisposeScope();

    public void Release() => _selection?.Dispose();
}
