using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian;

public sealed partial class BackMatchingLoss
{
    /// <summary>How much of the loss back-propagation's step on z, of size 1, removes against the best step.</summary>
    /// <param name="step">The size η of the gradient step; 1 is back-propagation's, Prop. 1.</param>
    /// <param name="tolerance">Relative residual of the conjugate gradients, default √eps of the dtype.</param>
    /// <param name="maxIterations">Products at most.</param>
    /// <exception cref="IndependentBlockException">The output does not depend on the input.</exception>
    public SignalEfficiency InputEfficiency(double step = 1, double? tolerance = null, int maxIterations = 200)
    {
        using var scope = NewDisposeScope();
        using var h = Model(InputTheta());
        return ConjugateGradients.Efficiency(h, InputGradient().reshape(-1), Value, step, tolerance, maxIterations);
    }

    /// <summary>The same for the step on W, of size <paramref name="step"/>, the learning rate.</summary>
    /// <param name="step">The size η of the gradient step.</param>
    /// <param name="tolerance">As in <see cref="InputEfficiency"/>.</param>
    /// <param name="maxIterations">As in <see cref="InputEfficiency"/>.</param>
    /// <exception cref="IndependentBlockException">The output does not depend on the weight.</exception>
    /// <exception cref="InvalidOperationException">The block has no weight.</exception>
    public SignalEfficiency WeightEfficiency(double step = 1, double? tolerance = null, int maxIterations = 200)
    {
        using var scope = NewDisposeScope();
        using var h = Model(WeightTheta());
        return ConjugateGradients.Efficiency(h, WeightGradient(), Value, step, tolerance, maxIterations);
    }

    /// <summary>∇ℓ_b for each leaf, null where the block does not reach it.</summary>
    internal Tensor?[] Gradients(IReadOnlyList<Parameter> leaves) => _objective is not null
        ? Internal.Autograd.Grad([_objective], leaves)
        : Internal.Autograd.Grad([_graph.Output], leaves, [-(DesiredChange ?? zeros_like(_graph.Output))]);

    private GraphOperator Model(LeafVector theta) => Operator(theta, IsTrainingLoss ? Defaults : HessianOptions.GaussNewton);
}
