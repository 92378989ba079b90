using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>Steps of the optimizers; float32, momentum 0.9, weight decay 0.005.</summary>
internal static class StepRows
{
    private const int Rounds = 60;

    public static IEnumerable<Row> All =>
    [
        new("step_vs_sgd", "ScaleAmendedSGD.step, VGG13's 9.4 million weights", "torch.optim.SGD.step", 0.40, () =>
            Against(Weights.Vgg13, Weights.ScaleAmended, Rounds)),
        new("step_vs_fused_and_norms", "the same", "libtorch's fused SGD kernel on the list and one pass of norms", 1.2,
            AgainstFused),
        new("small_blocks_vs_sgd", "the same with 200 blocks of 64×64", "torch.optim.SGD.step", 0.7, () =>
            Against(() => Weights.Linears(200, 64), Weights.ScaleAmended, 5 * Rounds)),
        new("lars_vs_sgd", "LARS.step, VGG13", "torch.optim.SGD.step", 0.7, () => Against(Weights.Vgg13, Weights.Lars, Rounds)),
        new("lsalr_vs_sgd", "LSALR.step, VGG13", "torch.optim.SGD.step", 0.7, () =>
            Against(Weights.Vgg13, Weights.Lsalr, Rounds)),
    ];

    private static double Against(Func<nn.Module<Tensor, Tensor>> network, Func<nn.Module<Tensor, Tensor>,
        optim.Optimizer> create, int rounds)
    {
        using var ours = network();
        using var theirs = network();
        using var optimizer = create(ours);
        using var sgd = Weights.Sgd(theirs);
        return Timing.Ratio(rounds, () => optimizer.step(), () => sgd.step());
    }

    private static double AgainstFused()
    {
        using var ours = Weights.Vgg13();
        using var theirs = Weights.Vgg13();
        using var optimizer = Weights.ScaleAmended(ours);
        using var fused = new Fused(theirs);
        return Timing.Ratio(Rounds, () => optimizer.step(), fused.Step);
    }
}
