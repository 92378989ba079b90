using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Analysis;

/// <summary>Closed forms of inputs so large that they are made a chunk after the other, against differentiation.</summary>
public class LargeInputTests
{
    [Fact]
    public void A_weights_Hessian_from_several_chunks_of_samples()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var block = Networks.InFloat64(Sequential(Conv2d(2, 4, (1, 2), groups: 2), BatchNorm2d(4)));
        using var loss = BackMatchingLoss.Of(block, randn(3, 2, 66, 64, float64)); // 66·63 positions: each sample is a chunk
        for (var channel = 0; channel < 4; channel++) ThrowUnlessAlike(loss.ForWeight(channel), 1e-12);
        ThrowUnlessAlike(loss.ForWeight(), 1e-12);
    }

    [Fact]
    public void An_inputs_Hessian_from_several_chunks_of_basis_vectors()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        var block = Networks.InFloat64(Conv2d(1, 6000, (2, 1)));
        using var loss = BackMatchingLoss.Of(block, randn(1, 1, 7, 5, float64)); // 180,000 outputs: 23 vectors at once, of 35
        ThrowUnlessAlike(loss.ForInput(0), 1e-12);
    }

    private static void ThrowUnlessAlike(LocalCurvature curvature, double tolerance)
    {
        var options = new HessianOptions { Part = HessianPart.GaussNewton, Method = HessianMethod.ClosedForm };
        var closed = curvature.Hessian(options);
        var expected = curvature.Hessian(options with { Method = HessianMethod.Differentiation });
        (closed - expected).abs().max().item<double>().Should().BeLessThan(tolerance * expected.abs().max().item<double>());
    }
}
