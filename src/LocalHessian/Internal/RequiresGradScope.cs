namespace LocalHessian.Internal;

/// <summary>Lets frozen leaves take part in differentiation, or keeps others out of it, until disposed.</summary>
internal readonly struct RequiresGradScope : IDisposable
{
    private readonly Tensor[] _changed;
    private readonly bool _before;

    public RequiresGradScope(IEnumerable<Tensor> leaves, bool taken = true)
    {
        _before = !taken;
        _changed = [.. leaves.Where(l => l.requires_grad != taken)];
        foreach (var leaf in _changed) leaf.requires_grad = taken;
    }

    /// <summary>
    /// Keeps the parameters that were not chosen out of the graph, which is smaller so; it shows, too, whether the loss depends
    /// on the others.
    /// </summary>
    public static RequiresGradScope Without(nn.Module network, IEnumerable<Tensor> chosen)
    {
        var handles = chosen.Select(c => c.Handle).ToHashSet();
        var others = NetworkParts.Parameters(network).Select(p => p.Parameter).Where(p => !handles.Contains(p.Handle));
        return new(others, taken: false);
    }

    public void Dispose()
    {
        foreach (var leaf in _changed) leaf.requires_grad = _before;
    }
}
