using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>
/// Keeps the parameters that were not chosen out of the graph, which is smaller so; it shows, too, whether the loss depends on
/// the others.
/// </summary>
internal readonly struct FrozenScope : IDisposable
{
    private readonly Tensor[] _frozen;

    public FrozenScope(nn.Module network, IEnumerable<Tensor> chosen)
    {
        var handles = chosen.Select(c => c.Handle).ToHashSet();
        _frozen = [.. network.parameters().Where(p => p.requires_grad && !handles.Contains(p.Handle)).DistinctBy(p => p.Handle)];
        foreach (var parameter in _frozen) parameter.requires_grad = false;
    }

    public void Dispose()
    {
        foreach (var parameter in _frozen) parameter.requires_grad = true;
    }
}
