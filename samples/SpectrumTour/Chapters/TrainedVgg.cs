using LocalHessian;
using LocalHessian.Reporting;
using LocalHessian.Spectra;
using SpectrumTour.Drawing;
using TorchSharp;
using TorchSharp.Modules;
using VggCifar.Data;
using VggCifar.Model;
using static TorchSharp.torch;

namespace SpectrumTour.Chapters;

/// <summary>The blocks of a narrow VGG11, at initialisation and after some training.</summary>
internal sealed class TrainedVgg(DataSet data, int steps, Action<string, string> save) : IChapter
{
    private const double Width = 0.125;
    private const int Block = 1; // conv2_1: 8 to 16 channels, 16×16 positions

    public string Title => "A VGG network before and after training";

    public IEnumerable<Picture> Draw()
    {
        using var normalization = Normalization.Of(data.Train.Images);
        using var network = Vgg.Create("vgg11", Width, data.Classes);
        foreach (var weight in network.parameters().Where(p => p.dim() == 4))
            nn.init.normal_(weight, 0, Math.Sqrt(2.0 / (weight.shape[0] * weight.shape[2] * weight.shape[3])));
        network.to(data.Train.Images.device);

        using var probe = new EpochBatches(data.Train, normalization, Augmentation.None, 16, 7, 0);
        var (images, labels) = probe[0];
        var before = Examine(network, images, labels);
        Train(network, normalization);
        var after = Examine(network, images, labels);
        var state = $"after {steps} steps on {data.Name}";

        yield return new("vgg-hz.png", "Input Hessian H_z of VGG11's second block",
            "The block is a convolution, batch norm, ReLU and pooling. Most eigenvalues are zero throughout, behind pooling and "
            + "dead ReLUs; training lowers the others and spreads them, "
            + "so one scalar a block says less than at the start.",
            Charts.Shares(1e-2, 30, ("at the start", before.Density), (state, after.Density)));

        yield return new("vgg-hw.png", "Weight Hessian H_w of a channel of the same block",
            "Of its convolution and batch norm. Eq. (18) has the largest eigenvalues several times too large and the last one "
            + "far from zero: exactly, batch norm "
            + "removes the direction of w itself (the drop at the right; not quite to zero, because of ε), at the start and "
            + "after training.",
            Charts.Sorted(1e-7, pairs: true,
                ("exact, at the start", before.Exact), ("eq. (18), at the start", before.Approximate),
                ("exact, trained", after.Exact), ("eq. (18), trained", after.Approximate)));

        var names = before.Report.Blocks.Select(b => b.Name).ToArray();
        yield return new("vgg-scalars.png", "Scale m_b,z of a block's input: closed form and exact",
            "The closed form of eq. (24) against what it approximates, block by block (mean over the batch, Hutchinson): "
            + "within a factor of about three at the start; training lowers the exact values of the batch-normalised blocks, "
            + "most of all in the upper ones.",
            Charts.Groups("mean eigenvalue of H_z", names, true,
                ("closed form, eq. (24)", [.. before.Report.Blocks.Select(b => b.InputScale)]),
                ("exact, at the start", [.. before.Report.Blocks.Select(b => b.Input!.MeanEigenvalue)]),
                ("exact, trained", [.. after.Report.Blocks.Select(b => b.Input!.MeanEigenvalue)])));

        yield return new("vgg-weights.png", "Scale m_b,W of a block's weights: closed form and exact", "The same for the "
            + "weights: eq. (24) is within about a factor of two at the start. Training lowers the exact values three to ten "
            + "times in most blocks, the closed form (drawn for the start) by less: compare the two tables below.",
            Charts.Groups("mean eigenvalue of H_W", names, true,
                ("closed form, eq. (24)", [.. before.Report.Blocks.Select(b => b.WeightScale)]),
                ("exact, at the start", [.. before.Report.Blocks.Select(b => b.Weight!.MeanEigenvalue)]),
                ("exact, trained", [.. after.Report.Blocks.Select(b => b.Weight!.MeanEigenvalue)])));

        yield return new("vgg-ends.png", "Input Hessian H_z at the start: both ends of the non-zero spectrum",
            "How a block would be judged by its spectrum: the gap between the two is the condition number, the work a gradient "
            + "step leaves "
            + "undone. The smallest is an upper bound where Lanczos had not reached it. The whole report: "
            + "[table](vgg-report.txt), [JSON](vgg-report.json).",
            Charts.Groups("eigenvalue of H_z", names, true, ("largest", [.. before.Report.Blocks.Select(b => b.Input!.Largest)]),
                ("mean", [.. before.Report.Blocks.Select(b => b.Input!.MeanEigenvalue)]),
                ("smallest non-zero", [.. before.Report.Blocks.Select(b => b.Input!.SmallestNonZero)])));
        save("vgg-report.txt", $"At the start\n{before.Report}\nTrained, {state}\n{after.Report}");
        save("vgg-report.json", after.Report.ToJson());

        yield return new("vgg-signal.png", "Best step along the gradient of z: share of the removable loss",
            "The best step along the gradient removes a half to four fifths of what each batch-normalised block could pass on, "
            + "after training more than at the start. The last is the linear layer under the training loss: less.",
            Charts.Groups("share of the removable loss ½ gᵀH⁺g", names, false,
                ("at the start", [.. before.Report.Blocks.Select(b => b.InputEfficiency!.LineSearch)]),
                ("trained", [.. after.Report.Blocks.Select(b => b.InputEfficiency!.LineSearch)])));
    }

    private void Train(nn.Module<Tensor, Tensor> network, Normalization normalization)
    {
        using var optimizer = optim.SGD(network.parameters(), 0.05, momentum: 0.9, weight_decay: 0.0005);
        for (var (step, epoch) = (0, 0); step < steps; epoch++)
        {
            using var batches = new EpochBatches(data.Train, normalization, Augmentation.None, 64, 1, epoch);
            for (var b = 0; b < batches.Count && step < steps; b++, step++)
            {
                using var scope = NewDisposeScope();
                var (x, y) = batches[b];
                optimizer.zero_grad();
                nn.functional.cross_entropy(network.call(x), y).backward();
                optimizer.step();
            }
        }
    }

    private static Findings Examine(nn.Module<Tensor, Tensor> network, Tensor images, Tensor labels)
    {
        using var scope = NewDisposeScope();
        Tensor Loss(Tensor output) => nn.functional.cross_entropy(output, labels);
        var report = NetworkReport.Of(network, images, Loss, new() { Steps = 30, Probes = 3 });
        using var pass = BackMatchingPass.Run(network, images, Loss);
        using var hz = pass[Block].ForInput().Operator(HessianOptions.GaussNewton);
        var density = SpectralDensity.Estimate(hz, probes: 4, steps: 60);

        var layers = ((Sequential)network).named_children().ToDictionary(c => c.name, c => (nn.Module<Tensor, Tensor>)c.module);
        // A new container over the network's own layers: not disposed, they are the network's.
        var start = nn.Sequential(layers["conv2_1"], layers["norm2_1"]);
        using var normed = BackMatchingLoss.Of(start, pass[Block].Input);
        var mean = new HessianOptions { Part = HessianPart.GaussNewton, Batch = BatchReduction.Mean };
        return new(report, density,
            SymmetricMatrix.Eigenvalues(normed.ForWeight(0).Hessian(mean).to(float64), 1e-4),
            SymmetricMatrix.Eigenvalues((normed.ForWeight(0).Approximation() / images.shape[0]).to(float64), 1e-4));
    }

    private sealed record Findings(NetworkReport Report, SpectralMeasure Density, double[] Exact, double[] Approximate);
}
