using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>The Hessian of a scalar by differentiating its gradient, whose graph is recorded once.</summary>
internal sealed class ObjectiveHessianOperator : GraphOperator
{
    private readonly Tensor[] _gradient;

    public ObjectiveHessianOperator(Tensor objective, LeafVector theta, double factor, Func<bool> alive)
        : base(theta, factor, alive)
    {
        using var scope = NewDisposeScope();
        _gradient = BlockGraph.Pull(objective, Leaves, null, createGraph: true).Select(g => g.DetachFromDisposeScope()).ToArray();
    }

    protected override IReadOnlyList<Tensor> Product(IReadOnlyList<Tensor> vector)
    {
        // A gradient that does not depend on anything is that of a linear function.
        var curved = Enumerable.Range(0, _gradient.Length).Where(i => _gradient[i].requires_grad).ToArray();
        if (curved.Length == 0) return Leaves.Select(l => zeros_like(l)).ToArray();
        using var differentiable = new RequiresGradScope(Leaves);
        return Autograd.Grad(curved.Select(i => _gradient[i]).ToArray(), Leaves, curved.Select(i => vector[i]).ToArray())
            .Select((g, i) => g ?? zeros_like(Leaves[i])).ToArray();
    }

    protected override void Release()
    {
        base.Release();
        foreach (var g in _gradient) g.Dispose();
    }
}
