using static TorchSharp.torch;

namespace LocalHessian.Internal;

/// <summary>Lets frozen leaves take part in differentiation until disposed.</summary>
internal readonly struct RequiresGradScope : IDisposable
{
    private readonly Tensor[] _frozen;

    public RequiresGradScope(IEnumerable<Tensor> leaves)
    {
        _frozen = leaves.Where(l => !l.requires_grad).ToArray();
        foreach (var leaf in _frozen) leaf.requires_grad = true;
    }

    public void Dispose()
    {
        foreach (var leaf in _frozen) leaf.requires_grad = false;
    }
}
