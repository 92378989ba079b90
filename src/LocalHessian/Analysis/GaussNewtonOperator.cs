using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>AᵀA with A = ∂F_b/∂θ.</summary>
internal sealed class GaussNewtonOperator : GraphOperator
{
    private readonly Tensor _output;
    private readonly RecordedJacobian _jacobian;

    public GaussNewtonOperator(BlockGraph graph, LeafVector theta, double weight, Func<bool> alive)
        : base(theta, weight, alive) =>
        (_output, _jacobian) = (graph.Output, new RecordedJacobian(graph.Output, Leaves));

    protected override IReadOnlyList<Tensor?> Product(IReadOnlyList<int> all, IReadOnlyList<Tensor> vector) =>
        BlockGraph.Pull(_output, Leaves, _jacobian.Image(all, vector));

    protected override void Release()
    {
        base.Release();
        _jacobian.Dispose();
    }
}
