namespace LocalHessian;

/// <summary>One recorded evaluation of z_b = F_b(W_b, z_{b-1}): leaves, output, and the graph between them.</summary>
internal sealed class BlockGraph(Tensor? input, IReadOnlyList<Tensor> weights, Tensor output) : IDisposable
{
    /// <summary>z_{b-1}, a leaf that requires gradients if it is floating point; null if it is not one known tensor.</summary>
    public Tensor? Input => input;

    /// <summary>The leaves that make up W_b, the caller's own tensors.</summary>
    public IReadOnlyList<Tensor> Weights => weights;

    /// <summary>z_b.</summary>
    public Tensor Output => output;

    /// <summary>N.</summary>
    public long Samples => (input ?? output).shape[0];

    public static BlockGraph Record(Func<Tensor, Tensor> map, Tensor input, IReadOnlyList<Tensor> weights)
    {
        using var scope = NewDisposeScope();
        using var recording = new RecordingScope();
        using var differentiable = new RequiresGradScope(weights);
        var leaf = input.detach().clone();
        if (leaf.is_floating_point()) leaf.requires_grad_();
        // Copies, because a block may work in place on its input, which a leaf does not allow, or return it.
        var output = map(leaf.clone()).clone();
        return new BlockGraph(leaf.DetachFromDisposeScope(), weights, output.DetachFromDisposeScope());
    }

    /// <summary>Aᵀc for each leaf, null where no path leads to it.</summary>
    public static Tensor?[] Pull(Tensor output, IReadOnlyList<Tensor> leaves, Tensor? cotangent)
    {
        if (!output.requires_grad) return new Tensor?[leaves.Count];
        using var differentiable = new RequiresGradScope(leaves);
        return Autograd.Grad([output], leaves, cotangent is null ? null : [cotangent]);
    }

    /// <summary>Whether a path leads from the output to any of the leaves.</summary>
    public bool DependsOn(IReadOnlyList<Tensor> leaves)
    {
        using var differentiable = new RequiresGradScope(leaves);
        return Autograd.Reaches(output, leaves).Any(r => r);
    }

    public void Dispose()
    {
        output.Dispose();
        input?.Dispose();
    }
}
