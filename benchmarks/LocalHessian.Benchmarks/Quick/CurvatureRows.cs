using LocalHessian.Spectra;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Benchmarks.Quick;

/// <summary>
/// The curvature of a whole network, VGG11 with batch norm at a quarter of the width, 64 images of 32×32, float32.
/// </summary>
internal static class CurvatureRows
{
    private const string Network = "VGG11 at a quarter of the width, 64 images";
    private static readonly int[] Widths = [16, 0, 32, 0, 64, 64, 0, 128, 128, 0, 128, 128, 0];

    public static IEnumerable<Row> All =>
    [
        new("hessian_vs_passes", $"Hv of the network's Hessian, recorded ({Network})", "its forward and backward pass", 2.2, () =>
            Product(c => c.Hessian())),
        new("gauss_newton_vs_passes", "the same for Gauss-Newton", "its forward and backward pass", 3, () =>
            Product(c => c.GaussNewton())),
        new("ten_vectors_vs_one", "Hv for 10 vectors at once", "for one", 10, TenVectors),
        new("eight_batches_vs_single", "Hv over 8 batches, recording included", "8 products of one batch, recording included",
            1.1, EightBatches),
        new("hutchinson_vs_products", "Hutchinson's trace of a 100,000-weight MLP's Hessian, 90 vectors", "90 products", 1.2,
            Hutchinson),
        new("kfac_vs_passes", "K-FAC's factors, one draw (the same network)", "its forward and backward pass in training", 2,
            Kfac),
        new("product_memory", "peak memory of Hv over 32 batches", "over 8 batches", 1.1, Memory),
    ];

    private static double Product(Func<NetworkCurvature, SymmetricOperator> matrix)
    {
        using var network = Vgg();
        var (x, y) = Batch();
        using var curvature = new NetworkCurvature(network, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y));
        using var op = matrix(curvature);
        using var vector = randn(op.Size);
        return Timing.Ratio(21, () => op.Apply(vector).Dispose(), () => Pass(network, x, y));
    }

    private static double TenVectors()
    {
        using var network = Vgg();
        var (x, y) = Batch();
        using var curvature = new NetworkCurvature(network, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y));
        using var op = curvature.Hessian();
        using var one = randn(op.Size);
        using var rows = randn(10, op.Size);
        using var ten = rows.t(); // as the library's own estimators lay their probes
        // The mean of ten calls, not one call's median: that would leave out the interruptions that ten vectors in one meet.
        return 10 * Timing.Ratio(9, () => op.Apply(ten).Dispose(), () =>
        {
            for (var k = 0; k < 10; k++) op.Apply(one).Dispose();
        });
    }

    private static double EightBatches()
    {
        using var network = Vgg();
        var batches = Enumerable.Range(0, 8).Select(_ => Batch()).ToList();
        using var curvature = new NetworkCurvature(network, CurvatureLoss.CrossEntropy, CurvatureData.From(batches),
            new() { CheckData = false });
        using var op = curvature.Hessian();
        using var vector = randn(op.Size);
        return Timing.Ratio(7, () => op.Apply(vector).Dispose(), () =>
        {
            foreach (var (x, y) in batches)
            {
                using var single = new NetworkCurvature(network, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y));
                using var part = single.Hessian();
                part.Apply(vector).Dispose();
            }
        });
    }

    private static double Hutchinson()
    {
        using var network = nn.Sequential(nn.Linear(256, 256), nn.Tanh(), nn.Linear(256, 128), nn.Tanh(), nn.Linear(128, 10));
        using var x = randn(64, 256);
        using var y = randint(0, 10, 64, int64);
        using var curvature = new NetworkCurvature(network, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y));
        using var op = curvature.Hessian();
        using var vector = randn(op.Size);
        return Timing.Ratio(9, () => TraceEstimator.Hutchinson(op, 90), () =>
        {
            for (var i = 0; i < 90; i++) op.Apply(vector).Dispose();
        });
    }

    private static double Kfac()
    {
        using var network = Vgg();
        network.eval();
        var (x, y) = Batch();
        using var curvature = new NetworkCurvature(
            network, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y),
            new() { Where = name => network.get_parameter(name)!.dim() > 1 });
        return Timing.Ratio(15, () => curvature.Kfac().Dispose(), () =>
        {
            network.train();
            Pass(network, x, y);
            network.eval();
        });
    }

    private static double Memory()
    {
        if (!ProcessMemory.IsKnown) return double.NaN;
        using var network = Vgg();
        double Peak(int count)
        {
            var batches = Enumerable.Range(0, count).Select(_ => Batch()).ToList();
            using var curvature = new NetworkCurvature(network, CurvatureLoss.CrossEntropy, CurvatureData.From(batches));
            using var op = curvature.Hessian();
            using var vector = randn(op.Size);
            var peak = ProcessMemory.PeakOf(() => op.Apply(vector).Dispose());
            foreach (var (x, y) in batches) (x, y).Dispose();
            return peak;
        }

        // What the allocator keeps varies from call to call: medians of turns.
        var peaks = Enumerable.Range(0, 6).Select(_ => (Few: Peak(8), Many: Peak(32))).Skip(1).ToList();
        return peaks.Select(p => p.Many).Order().ElementAt(2) / peaks.Select(p => p.Few).Order().ElementAt(2);
    }

    private static void Dispose(this (Tensor X, Tensor Y) batch)
    {
        batch.X.Dispose();
        batch.Y.Dispose();
    }

    private static void Pass(nn.Module<Tensor, Tensor> network, Tensor x, Tensor y)
    {
        using var scope = NewDisposeScope();
        network.zero_grad();
        nn.functional.cross_entropy(network.call(x), y).backward();
    }

    private static (Tensor X, Tensor Y) Batch() => (randn(64, 3, 32, 32), randint(0, 10, 64, int64));

    private static Sequential Vgg()
    {
        var layers = new List<nn.Module<Tensor, Tensor>>();
        long channels = 3;
        foreach (var width in Widths)
        {
            if (width == 0)
            {
                layers.Add(nn.MaxPool2d(2));
                continue;
            }

            layers.AddRange([nn.Conv2d(channels, width, 3, padding: 1, bias: false), nn.BatchNorm2d(width),
                nn.ReLU(inplace: true)]);
            channels = width;
        }

        return nn.Sequential([.. layers, nn.Flatten(), nn.Linear(channels, 10)]);
    }
}
