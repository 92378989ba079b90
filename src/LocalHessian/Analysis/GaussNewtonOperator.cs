using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>
/// AᵀA with A = ∂F_b/∂θ. Aᵀc is a vector-Jacobian product, linear in c; so a second one, through the graph of
/// the first with respect to c, is Av. That graph is recorded once.
/// </summary>
internal sealed class GaussNewtonOperator : GraphOperator
{
    private readonly BlockGraph _graph;
    private readonly Tensor _cotangent;
    private readonly Tensor[] _pulled;

    public GaussNewtonOperator(BlockGraph graph, LeafVector theta, double factor, Func<bool> alive) : base(theta, factor, alive)
    {
        using var scope = NewDisposeScope();
        _graph = graph;
        _cotangent = zeros_like(graph.Output).requires_grad_().DetachFromDisposeScope();
        _pulled = BlockGraph.Pull(graph.Output, Leaves, _cotangent, createGraph: true).Select(p => p.DetachFromDisposeScope())
            .ToArray();
    }

    protected override IReadOnlyList<Tensor> Product(IReadOnlyList<Tensor> vector)
    {
        var reached = Enumerable.Range(0, _pulled.Length).Where(i => _pulled[i].requires_grad).ToArray();
        var image = Autograd.Grad(reached.Select(i => _pulled[i]).ToArray(), [_cotangent], reached.Select(i => vector[i])
            .ToArray())[0]
            ?? zeros_like(_graph.Output);
        return BlockGraph.Pull(_graph.Output, Leaves, image);
    }

    protected override void Release()
    {
        base.Release();
        _cotangent.Dispose();
        foreach (var p in _pulled) p.Dispose();
    }
}
