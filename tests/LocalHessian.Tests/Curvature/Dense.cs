using static TorchSharp.torch;

namespace LocalHessian.Tests.Curvature;

/// <summary>Matrices by plain differentiation, row by row, without the library.</summary>
internal static class Dense
{
    /// <summary>∂²/∂θ² of a scalar.</summary>
    public static Tensor Hessian(Tensor scalar, IReadOnlyList<Tensor> leaves)
    {
        var gradient = Flat(autograd.grad([scalar], leaves.ToArray(), create_graph: true, retain_graph: true,
            allow_unused: true), leaves);
        return Jacobian(gradient, leaves);
    }

    /// <summary>A row for each entry of the output.</summary>
    public static Tensor Jacobian(Tensor output, IReadOnlyList<Tensor> leaves) => stack(
        Enumerable.Range(0, (int)output.numel()).Select(i =>
        {
            var entry = output.reshape(-1)[i];
            if (!entry.requires_grad) return zeros(leaves.Sum(l => l.numel()), float64);
            return Flat(autograd.grad([entry], leaves.ToArray(), retain_graph: true, allow_unused: true), leaves).detach();
        }).ToArray());

    /// <summary>The weighted sum over batches of a matrix for each: Σ_k M_k / N.</summary>
    public static Tensor OverBatches(IEnumerable<(Tensor Input, Tensor Target)> batches, Func<Tensor, Tensor, Tensor> matrix)
    {
        var all = batches.ToList();
        return all.Select(b => matrix(b.Input, b.Target)).Aggregate((a, b) => a + b) / all.Sum(b => b.Input.shape[0]);
    }

    /// <summary>Jᵀ Λ J with Λ by differentiating the loss.</summary>
    public static Tensor GaussNewton(nn.Module<Tensor, Tensor> network, LossCase loss, Tensor x, Tensor y,
        IReadOnlyList<Tensor> leaves)
    {
        var output = network.call(x);
        var leaf = output.detach().clone().requires_grad_();
        var j = Jacobian(output, leaves);
        return j.t().mm(Hessian(loss.Sum(leaf, y), [leaf])).mm(j);
    }

    /// <summary>A row for each sample: the gradient of its own loss.</summary>
    public static Tensor SampleGradients(nn.Module<Tensor, Tensor> network, LossCase loss, Tensor x, Tensor y,
        IReadOnlyList<Tensor> leaves) => stack(
        Enumerable.Range(0, (int)x.shape[0]).Select(i =>
            Flat(autograd.grad([loss.Sum(network.call(x.narrow(0, i, 1)), y.narrow(0, i, 1))], leaves.ToArray(),
                allow_unused: true), leaves)).ToArray());

    private static Tensor Flat(IEnumerable<Tensor> parts, IReadOnlyList<Tensor> leaves) =>
        cat(parts.Select((p, i) => p is null || p.IsInvalid ? zeros(leaves[i].numel(), float64) : p.reshape(-1)).ToArray());

    /// <summary>The largest difference over the largest entry.</summary>
    public static double Distance(Tensor a, Tensor b) => ((a - b).abs().max() / b.abs().max().clamp(min: 1e-300)).item<double>();
}
