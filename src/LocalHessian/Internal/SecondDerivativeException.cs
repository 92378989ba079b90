namespace LocalHessian;

/// <summary>
/// The network uses an operation that libtorch cannot differentiate twice (<c>grid_sample</c>, for example): it has
/// gradients, but no Hessian and no Gauss-Newton matrix by differentiation.
/// </summary>
public sealed class SecondDerivativeException : NotSupportedException
{
    internal SecondDerivativeException(string operation, Exception inner)
        : base(
            $"The operation {operation} has no second derivative in libtorch: replace it, or leave the parameters before it "
            + "out.", inner) =>
        Operation = operation;

    /// <summary>The operation's name in libtorch, <c>aten::grid_sampler_2d_backward</c> for example.</summary>
    public string Operation { get; }
}
