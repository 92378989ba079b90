using LocalHessian;
using static TorchSharp.torch;

namespace CurvatureStudy;

/// <summary>√a H √a: gradient descent with multipliers a on J is plain gradient descent with this Hessian.</summary>
internal sealed class AmendedOperator(SymmetricOperator hessian, Tensor multipliers) : SymmetricOperator(hessian.Size,
    hessian.Dtype, hessian.Device)
{
    private readonly Tensor _root = multipliers.sqrt().unsqueeze(1).DetachFromDisposeScope();

    protected override Tensor Multiply(Tensor columns) => hessian.Apply(columns * _root, Cancellation) * _root;

    protected override void Release() => _root.Dispose();
}
