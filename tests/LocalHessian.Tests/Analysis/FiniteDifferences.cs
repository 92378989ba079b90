using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Analysis;

/// <summary>Hessians without a second derivative: central differences of framework gradients and outputs, in float64.</summary>
internal static class FiniteDifferences
{
    private const double Step = 1e-5;

    /// <summary>∂F/∂θ by differences of outputs, (outputs, entries of θ).</summary>
    public static Tensor Jacobian(Module<Tensor, Tensor> block, Tensor input, IReadOnlyList<Tensor> theta) =>
        Differences(theta, () => block.call(input).detach().reshape(-1).clone());

    /// <summary>The Hessian of ℓ_b by differences of gradients.</summary>
    public static Tensor Hessian(Module<Tensor, Tensor> block, Tensor input, Tensor change, IReadOnlyList<Tensor> theta)
    {
        var target = (block.call(input) + change).detach();
        return Hessian(() => (target - block.call(input)).square().sum() / 2, theta);
    }

    /// <summary>The Hessian of a scalar function of leaves by differences of gradients.</summary>
    public static Tensor Hessian(Func<Tensor> value, IReadOnlyList<Tensor> theta) => Differences(theta, () =>
    {
        foreach (var t in theta) t.grad?.zero_();
        value().backward();
        return cat(theta.Select(t => t.grad!.reshape(-1)).ToArray()).clone();
    });

    private static Tensor Differences(IReadOnlyList<Tensor> theta, Func<Tensor> f)
    {
        var columns = new List<Tensor>();
        foreach (var leaf in theta)
        {
            leaf.requires_grad = true;
            for (long i = 0; i < leaf.numel(); i++)
            {
                Shift(leaf, i, Step);
                var up = f();
                Shift(leaf, i, -2 * Step);
                var down = f();
                Shift(leaf, i, Step);
                columns.Add((up - down) / (2 * Step));
            }
        }

        return stack(columns, 1);
    }

    private static void Shift(Tensor leaf, long index, double by)
    {
        using var noGrad = no_grad();
        leaf.view(-1).narrow(0, index, 1).add_(by);
    }
}
