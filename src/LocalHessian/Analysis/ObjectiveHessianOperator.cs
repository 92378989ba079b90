using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>The Hessian of a scalar by differentiating its gradient, whose graph is recorded once.</summary>
internal sealed class ObjectiveHessianOperator : GraphOperator
{
    private readonly RecordedDerivative _gradient;

    public ObjectiveHessianOperator(Tensor objective, LeafVector theta, double weight, Func<bool> alive)
        : base(theta, weight, alive) => _gradient = new(objective, Leaves);

    protected override IReadOnlyList<Tensor?> Product(IReadOnlyList<int> all, IReadOnlyList<Tensor> vector) =>
        _gradient.Differentiate(all, vector, Leaves);

    protected override void Release()
    {
        base.Release();
        _gradient.Dispose();
    }
}
