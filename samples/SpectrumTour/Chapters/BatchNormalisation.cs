using LocalHessian;
using LocalHessian.Spectra;
using SpectrumTour.Drawing;
using TorchSharp;
using static TorchSharp.torch;

namespace SpectrumTour.Chapters;

/// <summary>H_z with batch norm after the layer: the scale of the weights drops out (Remark 2, eqs. (17) and (19)).</summary>
internal sealed class BatchNormalisation(Device device) : IChapter
{
    private const int Outputs = 200, Inputs = 400, Batch = 4000;

    public string Title => "Batch normalisation (section 3.3)";

    public IEnumerable<Picture> Draw()
    {
        using var layer = nn.Linear(Inputs, Outputs, hasBias: false, dtype: float64);
        using var norm = nn.BatchNorm1d(Outputs, eps: 0, affine: false, dtype: float64);
        using var block = nn.Sequential(layer, norm).to(device);
        var input = randn(Batch, Inputs, float64).to(device);
        var weight = randn(Outputs, Inputs, float64) / Math.Sqrt(Outputs);
        (string, double[]) With(double scale)
        {
            Initialisation.Set(layer, scale * weight);
            using var loss = BackMatchingLoss.Of(block, input);
            using var exact = loss.ForInput(0).Hessian();
            return ($"weights × {scale}", SymmetricMatrix.Eigenvalues(exact));
        }

        var plot = Charts.Distributions("Marchenko-Pastur law, eq. (19)",
            MarchenkoPastur.AfterBatchNorm((double)Outputs / Inputs), With(1), With(0.1), With(10));
        yield return new("batch-norm.png", "Input Hessian H_z with batch norm, weights at three scales",
            "After batch norm the spectrum of H_z (exact, one sample of a batch of 4,000) "
            + "is that of eq. (19) whatever the scale of the weights: eigenvalues of all three lie on the law's one line, where "
            + "without batch norm they would be 10,000 times apart (Remark 2).", plot);
    }
}
