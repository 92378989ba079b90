using LocalHessian.Reporting;
using LocalHessian.Spectra;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>Exact and matrix-free local Hessians, float32.</summary>
internal static class AnalysisRows
{
    private const int LanczosSteps = 50, DifferentiatedRows = 4;
    private static readonly HessianOptions Mean = new() { Part = HessianPart.GaussNewton, Batch = BatchReduction.Mean };

    public static IEnumerable<Row> All =>
    [
        new("hw_vs_product", "closed-form H_W of a convolution, 1,152 weights a channel, batch 64, 16×16",
            "its matrix product alone", 2, () => WeightHessian(differentiated: false)),
        new("hw_differentiated_vs_closed", "the same by differentiation, row by row (from 4 of the 1,152 rows)",
            "the closed form", 100, () => WeightHessian(differentiated: true), AtLeast: true),
        new("product_vs_passes", "H_z v of a VGG13 block (convolution, batch norm, ReLU; 65,536 features, batch 8)",
            "its forward and backward pass", 4, Product),
        new("report_passes", "NetworkReport of README's network, 32 images, by default", "one forward and backward pass", 200,
            Report),
        new("lanczos_vs_products", "Lanczos, 50 steps, on H_z of that block", "50 products", 1.3, LanczosOverhead),
    ];

    private static double WeightHessian(bool differentiated)
    {
        using var layer = nn.Conv2d(128, 128, 3, padding: 1, bias: false);
        using var input = randn(64, 128, 16, 16);
        using var loss = BackMatchingLoss.Of(layer, input);
        void Closed() => loss.ForWeight(0).Hessian(Mean).Dispose();
        if (!differentiated)
        {
            using var patches = nn.functional.unfold(input, 3, padding: 1).transpose(0, 1).reshape(1152, -1);
            using var transposed = patches.t();
            return Timing.Ratio(7, Closed, () => patches.mm(transposed).Dispose());
        }

        using var op = loss.ForWeight(0).Operator(Mean with { Method = HessianMethod.Differentiation });
        using var vector = randn(1152);
        var medians = Timing.Medians(3, Closed, () =>
        {
            for (var i = 0; i < DifferentiatedRows; i++) op.Apply(vector).Dispose();
        });
        return medians[1] / DifferentiatedRows * 1152 / medians[0];
    }

    private static double Product()
    {
        using var block = Block();
        using var input = randn(8, 64, 32, 32);
        using var loss = BackMatchingLoss.Of(block, input);
        using var op = loss.ForInput().Operator();
        using var vector = randn(op.Size);
        using var leaf = input.detach().clone().requires_grad_();
        return Timing.Ratio(15, () => op.Apply(vector).Dispose(), () =>
        {
            using var scope = NewDisposeScope();
            block.zero_grad();
            block.call(leaf).square().sum().backward();
        });
    }

    private static double Report()
    {
        using var network = nn.Sequential(
            nn.Conv2d(3, 32, 3, padding: 1, bias: false), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
            nn.Conv2d(32, 64, 3, padding: 1, bias: false), nn.BatchNorm2d(64), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
            nn.Linear(64, 10));
        using var images = randn(32, 3, 32, 32);
        using var labels = randint(0, 10, 32);
        Tensor Loss(Tensor output) => nn.functional.cross_entropy(output, labels);
        return Timing.Ratio(3, () => NetworkReport.Of(network, images, Loss), () =>
        {
            using var scope = NewDisposeScope();
            network.zero_grad();
            Loss(network.call(images)).backward();
        });
    }

    private static double LanczosOverhead()
    {
        using var block = Block();
        using var input = randn(4, 64, 32, 32);
        using var loss = BackMatchingLoss.Of(block, input);
        using var op = loss.ForInput().Operator(HessianOptions.GaussNewton);
        using var vector = randn(op.Size);
        var options = new LanczosOptions { MaxSteps = LanczosSteps, Tolerance = 1e-30 }; // never reached: all steps are taken
        return Timing.Ratio(9, () => Lanczos.Eigenvalues(op, 1, 1, options), () =>
        {
            for (var i = 0; i < LanczosSteps; i++) op.Apply(vector).Dispose();
        });
    }

    private static nn.Module<Tensor, Tensor> Block() =>
        nn.Sequential(nn.Conv2d(64, 64, 3, padding: 1, bias: false), nn.BatchNorm2d(64, affine: false), nn.ReLU());
}
