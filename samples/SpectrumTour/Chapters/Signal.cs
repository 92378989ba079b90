using LocalHessian;
using SpectrumTour.Drawing;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace SpectrumTour.Chapters;

/// <summary>
/// The paper's thesis as a number: how much of a block's back-matching loss the step that back-propagation takes removes.
/// </summary>
internal sealed class Signal(Device device) : IChapter
{
    private const int Width = 256, Batch = 64;

    public string Title => "How well the signal passes (section 2)";

    public IEnumerable<Picture> Draw()
    {
        string[] names = ["default", "Gaussian", "Gaussian,\nbatch norm", "orthogonal", "default,\nskip"];
        var input = randn(Batch, Width, float64).to(device);
        var change = randn(Batch, Width, float64).to(device);
        var efficiencies = new List<SignalEfficiency>();
        foreach (var kind in Enumerable.Range(0, names.Length))
        {
            using var layer = nn.Linear(Width, Width, hasBias: false, dtype: float64).to(device);
            if (kind is 1 or 2) Initialisation.Set(layer, randn(Width, Width, float64) / Math.Sqrt(Width));
            if (kind == 3) Initialisation.Set(layer, linalg.qr(randn(Width, Width, float64)).Q);
            using var loss = kind switch
            {
                2 => BackMatchingLoss.Of(
                    nn.Sequential(layer, nn.BatchNorm1d(Width, affine: false, dtype: float64)).to(device), input, change),
                4 => BackMatchingLoss.Of(x => x + layer.call(x), input, change),
                _ => BackMatchingLoss.Of(layer, input, change),
            };
            efficiencies.Add(loss.ForInput().Efficiency(tolerance: 1e-4, maxIterations: 500));
        }

        yield return new("signal.png", "Share of the removable back-matching loss that one step removes", "Back-propagation's "
            + "step of size 1 on z removes all that can be removed behind an orthogonal layer; behind a Gaussian one "
            + "it removes next to nothing, because eigenvalues above 2 overshoot, and even the best step along the gradient "
            + "removes only half; a skip connection raises that to two thirds.",
            Charts.Groups("share of the removable loss ½ gᵀH⁺g", names, false,
                ("step of size 1", [.. efficiencies.Select(e => e.Step)]),
                ("best step along the gradient", [.. efficiencies.Select(e => e.LineSearch)])));
    }
}
