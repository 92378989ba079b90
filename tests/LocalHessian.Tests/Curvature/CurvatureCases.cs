using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>
/// A loss, targets for an output of three entries a row, and the same loss in PyTorch's words, summed over the samples.
/// </summary>
public sealed record LossCase(string Name, CurvatureLoss Loss, Func<long, Tensor> Targets, Func<Tensor, Tensor, Tensor> Sum,
    bool IsLikelihood = true)
{
    public override string ToString() => Name;
}

/// <summary>A network of three outputs in float64.</summary>
public sealed record CurvatureNetwork(string Name, Func<Module<Tensor, Tensor>> Build, Func<long, Tensor> Inputs,
    bool Couples = false)
{
    public override string ToString() => Name;
}

/// <summary>The table of networks, losses, modes and batch splits.</summary>
public static class CurvatureCases
{
    public static IReadOnlyList<LossCase> Losses =>
    [
        new("squared error", CurvatureLoss.SquaredError, n => randn(n, 3, float64), (f, y) => (f - y).pow(2).sum() / 2),
        new("cross entropy", CurvatureLoss.CrossEntropy, n => randint(0, 3, n, int64), (f, y) =>
            -f.log_softmax(1).gather(1, y.unsqueeze(1)).sum()),
        new("binary cross entropy", CurvatureLoss.BinaryCrossEntropyWithLogits, n => rand(n, 3, float64),
            (f, y) => -(y * f.sigmoid().log() + (1 - y) * (1 - f.sigmoid()).log()).sum()),
        new("Poisson", CurvatureLoss.Poisson, n => randint(0, 4, [n, 3], int64).to(float64), (f, y) =>
            functional.poisson_nll_loss(f, y, reduction: Reduction.Sum)),
        new("custom", CurvatureLoss.Of((f, y) => (f - y).pow(4).sum(1).mean() + f.sin().sum(1).mean()), n => randn(n, 3, float64),
            (f, y) => (f - y).pow(4).sum() + f.sin().sum(), IsLikelihood: false),
    ];

    public static IReadOnlyList<CurvatureNetwork> Networks =>
    [
        new("MLP", () => Sequential(Linear(4, 5), Tanh(), Linear(5, 3)), n => randn(n, 4, float64)),
        new("batch norm", () => Sequential(Linear(4, 4, hasBias: false), BatchNorm1d(4), Tanh(), Linear(4, 3)), n =>
            randn(n, 4, float64), Couples: true),
        new("convolutions", () => Sequential(Conv2d(1, 2, 3, padding: 1), Sigmoid(), AvgPool2d(2), Flatten(), Linear(8, 3)), n =>
            randn(n, 1, 4, 4, float64)),
        new("tokens", () => Sequential(Embedding(5, 2), Flatten(), Linear(6, 3)), n => randint(0, 5, [n, 3], int64)),
        new("attention", () => new Lambda((l, x) =>
        {
            var parts = l[0].call(x).chunk(3, 2); // query, key, value of one head
            return l[1].call(functional.scaled_dot_product_attention(parts[0], parts[1], parts[2]).mean([1]));
        }, ("qkv", Linear(2, 6)), ("head", Linear(2, 3))), n => randn(n, 4, 2, float64)),
        new("shared layer", () =>
        {
            var shared = Linear(4, 4);
            return new Lambda((l, x) =>
                l[1].call(l[0].call(l[0].call(x).tanh()).tanh()), ("shared", shared), ("head", Linear(4, 3)));
        }, n => randn(n, 4, float64)),
    ];

    /// <summary>Each network with the cross entropy, each loss with the MLP, and batch norm with all.</summary>
    public static TheoryData<CurvatureNetwork, LossCase, bool> Cases()
    {
        var data = new TheoryData<CurvatureNetwork, LossCase, bool>();
        foreach (var network in Networks)
            foreach (var loss in Losses)
                if (network.Name is "MLP" or "batch norm" || loss.Name == "cross entropy")
                    foreach (var training in network.Couples ? new[] { false, true } : [false])
                        data.Add(network, loss, training);
        return data;
    }

    public static Module<Tensor, Tensor> Make(this CurvatureNetwork network, bool training, int seed = 3)
    {
        manual_seed(seed);
        var built = LocalHessian.Tests.Cases.Networks.InFloat64(network.Build());
        using (no_grad())
            foreach (var norm in built.modules().OfType<BatchNorm>())
            {
                norm.running_mean!.normal_();
                norm.running_var!.uniform_(0.5, 2);
                norm.weight.uniform_(0.5, 2);
            }

        built.train(training);
        return built;
    }

    /// <summary>Batches of the given sizes.</summary>
    public static List<(Tensor Input, Tensor Target)> Split(Tensor x, Tensor y, params long[] sizes)
    {
        var batches = new List<(Tensor, Tensor)>();
        long start = 0;
        foreach (var size in sizes)
        {
            batches.Add((x.narrow(0, start, size), y.narrow(0, start, size)));
            start += size;
        }

        return batches;
    }
}
