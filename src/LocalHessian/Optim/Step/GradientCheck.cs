namespace LocalHessian.Optim;

/// <summary>What TorchSharp lets anyone assign as a gradient, and no update can use.</summary>
internal static class GradientCheck
{
    /// <summary>
    /// Whether gradient and momentum have the parameter's shape, dtype and device; the fused kernels do not ask.
    /// </summary>
    public static bool Fits(Parameter parameter, Tensor gradient, Tensor? momentum) =>
        !gradient.is_sparse && Alike(parameter, gradient)
        && (momentum is null || (!momentum.IsInvalid && Alike(parameter, momentum)));

    /// <summary>The error to throw where they do not fit.</summary>
    public static InvalidOperationException Misfit(string name, Parameter parameter, Tensor gradient, Tensor? momentum)
    {
        if (gradient.is_sparse)
            return new($"The gradient of the parameter {name} is sparse; dense ones are needed. Build embeddings without "
                + "sparse gradients.");
        if (!Alike(parameter, gradient))
            return new($"The gradient of the parameter {name}, {Describe.Tensor(parameter)}, is {Describe.Tensor(gradient)}.");
        return new(momentum!.IsInvalid
            ? $"The momentum of the parameter {name} has been disposed by someone else."
            : $"The momentum of the parameter {name}, {Describe.Tensor(parameter)}, is {Describe.Tensor(momentum)}. Move "
                + "it back with to(device), or load the state again.");
    }

    private static bool Alike(Tensor a, Tensor b) =>
        a.dtype == b.dtype && a.device_type == b.device_type && a.device_index == b.device_index && SameShape(a, b);

    // Not by the shapes: each is an array made by a call back from native code, a quarter of the step of a small block.
    private static bool SameShape(Tensor a, Tensor b)
    {
        var dimensions = a.dim();
        if (b.dim() != dimensions) return false;
        for (var i = 0; i < dimensions; i++)
        {
            if (a.size(i) != b.size(i)) return false;
        }

        return true;
    }
}
