using LocalHessian.Benchmarks.Quick;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks;

/// <summary>How cost grows with the number of weights, of blocks and of features; milliseconds, medians.</summary>
internal static class Growth
{
    public static void Run()
    {
        Parts();
        Console.WriteLine("| VGG13 in training, batch of 32×32 images | forward and backward pass | ScaleAmendedSGD.step | "
            + "LARS.step | LSALR.step | torch.optim.SGD.step |\n|---|---|---|---|---|---|");
        foreach (var batch in new[] { 16, 128 }) InTraining(batch);
        Console.WriteLine();
        Console.WriteLine("| weights, in 4 blocks | ScaleAmendedSGD | torch.optim.SGD |\n|---|---|---|");
        foreach (var features in new[] { 64, 256, 512, 1024, 2048, 4096 }) Steps($"{4L * features * features:n0}", 4, features);
        Console.WriteLine("\n| blocks of 64×64 | ScaleAmendedSGD | torch.optim.SGD |\n|---|---|---|");
        foreach (var blocks in new[] { 3, 10, 30, 100, 300, 1000 }) Steps($"{blocks:n0}", blocks, 64);
        Console.WriteLine("\n| features z of a 64-channel block, batch 4 | H_z v | forward and backward pass |\n|---|---|---|");
        foreach (var side in new[] { 4, 8, 16, 32, 64 }) Product(side);
    }

    private static void Parts()
    {
        using var ours = Weights.Vgg13();
        using var theirs = Weights.Vgg13();
        using var third = Weights.Vgg13();
        using var optimizer = Weights.ScaleAmended(ours);
        using var sgd = Weights.Sgd(theirs);
        using var fused = new Fused(third);
        var medians = Timing.Medians(60, () => optimizer.step(), () =>
            sgd.step(), fused.Norms, fused.Update, fused.OneByOne, fused.Copy);
        string[] names = ["ScaleAmendedSGD.step", "torch.optim.SGD.step", "norms of the weights", "libtorch's fused SGD kernel",
            "the same, each weight right after its norm", "copying the weights"];
        Console.WriteLine("| VGG13's 9.4 million weights | ms |\n|---|---|");
        foreach (var (name, median) in names.Zip(medians)) Console.WriteLine($"| {name} | {1000 * median:0.00} |");
        Console.WriteLine();
    }

    private static void InTraining(int batch)
    {
        using var images = randn(batch, 3, 32, 32);
        using var labels = zeros(batch, ScalarType.Int64);
        var networks = Enumerable.Range(0, 4).Select(_ => Weights.Vgg13()).ToArray();
        optim.Optimizer[] optimizers = [Weights.ScaleAmended(networks[0]), Weights.Lars(networks[1]), Weights.Lsalr(networks[2]),
            Weights.Sgd(networks[3])];
        var medians = Timing.Medians(11,
            [.. networks.Zip(optimizers).SelectMany(pair => new Action[] { () => Pass(pair.First), () => pair.Second.step() })]);
        Console.WriteLine($"| {batch} | {1000 * medians[0]:0} | "
            + $"{string.Join(" | ", new[] { 1, 3, 5, 7 }.Select(i => $"{1000 * medians[i]:0.00}"))} |");
        foreach (var owned in networks.Concat<IDisposable>(optimizers)) owned.Dispose();

        void Pass(nn.Module<Tensor, Tensor> network)
        {
            using var scope = NewDisposeScope();
            network.zero_grad();
            nn.functional.cross_entropy(network.call(images), labels).backward();
        }
    }

    private static void Steps(string size, int blocks, int features)
    {
        using var ours = Weights.Linears(blocks, features);
        using var theirs = Weights.Linears(blocks, features);
        using var optimizer = Weights.ScaleAmended(ours);
        using var sgd = Weights.Sgd(theirs);
        var medians = Timing.Medians(40, () => optimizer.step(), () => sgd.step());
        Console.WriteLine($"| {size} | {1000 * medians[0]:0.000} | {1000 * medians[1]:0.000} |");
    }

    private static void Product(int side)
    {
        using var block = nn.Sequential(nn.Conv2d(64, 64, 3, padding: 1, bias: false), nn.BatchNorm2d(64, affine: false),
            nn.ReLU());
        using var input = randn(4, 64, side, side);
        using var loss = BackMatchingLoss.Of(block, input);
        using var op = loss.ForInput().Operator();
        using var vector = randn(op.Size);
        using var leaf = input.detach().clone().requires_grad_();
        var medians = Timing.Medians(15, () => op.Apply(vector).Dispose(), () =>
        {
            using var scope = NewDisposeScope();
            block.zero_grad();
            block.call(leaf).square().sum().backward();
        });
        Console.WriteLine($"| {64 * side * side:n0} | {1000 * medians[0]:0.00} | {1000 * medians[1]:0.00} |");
    }
}
