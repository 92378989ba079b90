namespace LocalHessian.Scaling;

/// <summary>What the gradients of biases, and of gains and shifts of normalisation layers, are divided by (MATH §7).</summary>
public enum AuxiliaryRule
{
    /// <summary>
    /// The backward factor at the block's output times <c>s</c>, the scale of such a parameter's own local Hessian. The
    /// default.
    /// </summary>
    Scaled,

    /// <summary>Nothing: plain SGD.</summary>
    Plain,
}
