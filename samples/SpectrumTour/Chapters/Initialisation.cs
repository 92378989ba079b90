using LocalHessian;
using LocalHessian.Spectra;
using SpectrumTour.Drawing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpectrumTour.Chapters;

/// <summary>H_z = WᵀW of a linear layer, eq. (8), under three initialisations, and the law of eq. (11).</summary>
internal sealed class Initialisation(Device device) : IChapter
{
    private const int Outputs = 400, Inputs = 800;

    public string Title => "Initialisation (section 3.1)";

    public IEnumerable<Picture> Draw()
    {
        using var layer = nn.Linear(Inputs, Outputs, hasBias: false, dtype: float64).to(device);
        var standard = new MarchenkoPastur((double)Outputs / Inputs);
        var initial = InputEigenvalues(layer);
        Set(layer, randn(Outputs, Inputs, float64) / Math.Sqrt(Outputs));
        yield return new("gaussian.png", "Input Hessian H_z = WᵀW of a Gaussian layer, 400 × 800",
            "With Gaussian weights of variance 1/n the eigenvalues of H_z spread "
            + "over the Marchenko-Pastur law of eq. (11), from 0.17 to 5.8, and half of them are zero: the signal's components "
            + "pass with very different strength.",
            Charts.Histogram(InputEigenvalues(layer), 0, 6.5, "Marchenko-Pastur law, eq. (11)", standard));

        Set(layer, linalg.qr(randn(Inputs, Outputs, float64)).Q.t());
        yield return new("orthogonal.png", "Input Hessian H_z = WᵀW of an orthogonal layer, 400 × 800",
            "With orthonormal rows every non-zero eigenvalue is 1, the best spectrum "
            + "there is: a gradient step passes all of the signal that the layer can pass.",
            Charts.Histogram(InputEigenvalues(layer), 0, 6.5, "the Gaussian law, for comparison", standard));

        yield return new("default.png", "Input Hessian H_z = WᵀW of PyTorch's default, 400 × 800",
            "The default initialisation, uniform with variance 1/(3m), "
            + "has the same law at a sixth of the size: its shape knows the variance of the entries, not their distribution, "
            + "and the signal shrinks from layer to layer.",
            Charts.Histogram(initial, 0, 6.5 / 6,
                "Marchenko-Pastur law, σ² = n/(3m) = 1/6", MarchenkoPastur.OfWeights(Outputs, Inputs, 1.0 / (3 * Inputs))));
    }

    internal static double[] InputEigenvalues(Linear layer)
    {
        using var scope = NewDisposeScope();
        using var loss = BackMatchingLoss.Of(layer, ones(1, Inputs, float64, layer.weight.device));
        return SymmetricMatrix.Eigenvalues(loss.ForInput(0).Hessian());
    }

    internal static void Set(Linear layer, Tensor weight)
    {
        using var noGrad = no_grad();
        layer.weight.copy_(weight);
    }
}
