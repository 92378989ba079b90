using LocalHessian;
using LocalHessian.Spectra;
using SpectrumTour.Drawing;
using TorchSharp;
using static TorchSharp.torch;

namespace SpectrumTour.Chapters;

/// <summary>
/// H_z of a residual block with and without its skip connection, eq. (13), and with other skips than the identity.
/// </summary>
internal sealed class SkipConnections(Device device) : IChapter
{
    private const int Width = 256;

    public string Title => "Skip connections (section 3.2)";

    public IEnumerable<Picture> Draw()
    {
        using var inner = nn.Linear(Width, Width, dtype: float64).to(device);
        using var outer = nn.Linear(Width, Width, dtype: float64).to(device);
        Tensor Branch(Tensor z) => outer.call(nn.functional.relu(inner.call(z)));
        var z = randn(1, Width, float64).to(device);
        double[] Spectrum(Func<Tensor, Tensor> block)
        {
            using var scope = NewDisposeScope();
            using var loss = BackMatchingLoss.Of(block, z);
            return SymmetricMatrix.Eigenvalues(loss.ForInput().Hessian(HessianOptions.GaussNewton));
        }

        var orthogonal = linalg.qr(randn(Width, Width, float64)).Q.to(device);
        var gaussian = (randn(Width, Width, float64) / Math.Sqrt(Width)).to(device);
        const double floor = 1e-9;
        var with = Spectrum(x => x + Branch(x));
        yield return new("skip.png", "Input Hessian H_z of a block of two layers and ReLU",
            "Without the skip connection the Gauss-Newton part of H_z is singular and badly conditioned; "
            + "with it every eigenvalue lies near 1 (Remark 1).",
            Charts.Sorted(floor, pairs: false, ("without skip", Spectrum(Branch)), ("identity skip", with)));

        yield return new("skip-kinds.png", "Input Hessian H_z of the same block with three kinds of skip",
            "An orthogonal skip connection is as good as the identity, a Gaussian one is not: "
            + "its own spectrum becomes the block's.",
            Charts.Sorted(floor, pairs: false, ("identity skip", with),
                ("orthogonal skip", Spectrum(x => x.mm(orthogonal) + Branch(x))),
                ("Gaussian skip", Spectrum(x => x.mm(gaussian) + Branch(x)))));
    }
}
