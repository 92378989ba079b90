namespace LocalHessian;

/// <summary>A user's loss, everything by differentiation.</summary>
internal sealed class DifferentiatedLoss(Func<Tensor, Tensor, Tensor> loss, CurvatureReduction reduction) : CurvatureLoss
{
    internal override string Name => "The loss";

    internal override void ThrowUnlessFitting(Tensor output, Tensor target) { }

    internal override Tensor Sum(Tensor output, Tensor target)
    {
        var value = loss(output, target);
        if (value.numel() != 1) throw new ArgumentException($"The loss has shape {Describe.Shape(value)}; a scalar is needed.");
        return reduction == CurvatureReduction.Mean ? value * output.shape[0] : value;
    }

    internal override Tensor Gradient(Tensor output, Tensor target)
    {
        using var graded = enable_grad();
        var leaf = output.detach().clone().requires_grad_();
        var sum = Sum(leaf, target);
        return (sum.requires_grad ? Autograd.Grad([sum], [leaf])[0] : null) ?? zeros_like(output);
    }

    internal override Func<Tensor, Tensor> Hessian(Tensor output, Tensor target)
    {
        using var graded = enable_grad();
        var leaf = output.detach().clone().requires_grad_();
        var sum = Sum(leaf, target);
        var gradient = sum.requires_grad ? Autograd.Grad([sum], [leaf], createGraph: true)[0] : null;
        // A gradient that depends on nothing is that of a linear loss.
        if (gradient is not { requires_grad: true }) return direction => zeros_like(direction);
        return direction => Autograd.Grad([gradient], [leaf], [direction])[0] ?? zeros_like(direction);
    }
}
