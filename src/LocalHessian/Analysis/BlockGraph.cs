using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>One recorded evaluation of z_b = F_b(W_b, z_{b-1}): leaves, output, and the graph between them.</summary>
internal sealed class BlockGraph : IDisposable
{
    public BlockGraph(Tensor input, IReadOnlyList<Tensor> weights, Tensor output) => (Input, Weights, Output) = (input, weights, output);

    /// <summary>z_{b-1}, a leaf that requires gradients.</summary>
    public Tensor Input { get; }

    /// <summary>The leaves that make up W_b, the caller's own tensors.</summary>
    public IReadOnlyList<Tensor> Weights { get; }

    /// <summary>z_b.</summary>
    public Tensor Output { get; }

    public static BlockGraph Record(Func<Tensor, Tensor> map, Tensor input, IReadOnlyList<Tensor> weights)
    {
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        using var thaw = new Thaw(weights);
        var leaf = input.detach().clone().requires_grad_();
        // Copies, because a block may work in place on its input, which a leaf does not allow, or return it.
        var output = map(leaf.clone()).clone();
        return new BlockGraph(leaf.DetachFromDisposeScope(), weights, output.DetachFromDisposeScope());
    }

    /// <summary>Aᵀc for each leaf, zeros where no path leads to it. With <paramref name="createGraph"/> it can be differentiated again.</summary>
    public static Tensor[] Pull(Tensor output, IReadOnlyList<Tensor> leaves, Tensor? cotangent, bool createGraph = false)
    {
        if (!output.requires_grad) return leaves.Select(l => zeros_like(l)).ToArray();
        using var thaw = new Thaw(leaves);
        using var graded = enable_grad();
        var gradients = Autograd.Grad([output], leaves, cotangent is null ? null : [cotangent], createGraph);
        return gradients.Select((g, i) => g ?? zeros_like(leaves[i])).ToArray();
    }

    /// <summary>Whether a path leads from the output to any of the leaves.</summary>
    public bool DependsOn(IReadOnlyList<Tensor> leaves)
    {
        if (!Output.requires_grad) return false;
        using var scope = NewDisposeScope();
        using var thaw = new Thaw(leaves);
        return Autograd.Grad([Output], leaves, [ones_like(Output)]).Any(g => g is not null);
    }

    public void Dispose()
    {
        Output.Dispose();
        Input.Dispose();
    }
}
