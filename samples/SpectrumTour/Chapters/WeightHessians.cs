using LocalHessian;
using LocalHessian.Spectra;
using SpectrumTour.Drawing;
using TorchSharp;
using static TorchSharp.torch;

namespace SpectrumTour.Chapters;

/// <summary>
/// H_w of one output: raw input, normalised input (Remark 3), and after batch norm the exact matrix against eq. (18).
/// </summary>
internal sealed class WeightHessians(Device device) : IChapter
{
    private const int Inputs = 64, Batch = 2000;

    public string Title => "The weight Hessian (sections 3.1 and 3.3)";

    public IEnumerable<Picture> Draw()
    {
        // Features as a network without normalisation has them: off zero, and of different scale.
        var scales = exp(linspace(-2, 2, Inputs, float64));
        var raw = ((randn(Batch, Inputs, float64) + 1).relu() * scales).to(device);
        var normalised = (raw - raw.mean([0])) / raw.var(0, unbiased: false).sqrt();
        using var layer = nn.Linear(Inputs, 1, hasBias: false, dtype: float64).to(device);
        var mean = new HessianOptions { Batch = BatchReduction.Mean };
        double[] Plain(Tensor input)
        {
            using var scope = NewDisposeScope();
            using var loss = BackMatchingLoss.Of(layer, input);
            return SymmetricMatrix.Eigenvalues(loss.ForWeight(0).Hessian(mean));
        }

        yield return new("normalised-input.png", "Weight Hessian H_w with raw and with normalised input",
            "H_w is the second moment of the layer's input: normalising the input takes away its mean, "
            + "which makes the one huge eigenvalue, and the spread of its scales (Remark 3).",
            Charts.Sorted(1e-12, pairs: false, ("raw input", Plain(raw)), ("normalised input", Plain(normalised))));

        using var block = nn.Sequential(layer, nn.BatchNorm1d(1, eps: 0, affine: false, dtype: float64)).to(device);
        using var normed = BackMatchingLoss.Of(block, raw);
        yield return new("exact-and-18.png", "Weight Hessian H_w after batch norm: exact and eq. (18)",
            "Eq. (18) keeps the large eigenvalue of the input's mean; exactly, batch norm centres the input "
            + "and projects out w itself, so that eigenvalue falls by a factor of ten and one more is zero.",
            Charts.Sorted(1e-11, pairs: false,
                ("eq. (18)", SymmetricMatrix.Eigenvalues(normed.ForWeight(0).Approximation() / Batch)),
                ("exact", SymmetricMatrix.Eigenvalues(normed.ForWeight(0).Hessian(mean)))));
    }
}
