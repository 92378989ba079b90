using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class HalfPrecisionTests
{
    [Theory]
    [InlineData(ScalarType.Float16, 10)]
    [InlineData(ScalarType.BFloat16, 7)]
    public void Weights_in_half_precision_move_as_in_double_precision_with_factors_computed_in_single(ScalarType dtype,
        int mantissaBits)
    {
        using var scope = NewDisposeScope();
        manual_seed(10);
        using var model = Sequential(Linear(300, 64), ReLU(), Linear(64, 4)).to(dtype);
        var weights = model.parameters().ToList();
        using var optimizer = new ScaleAmendedSGD(model, zeros(1, 300, dtype), lr: 0.5, momentum: 0.5);
        var wide = weights.Select(w => w.detach().to(ScalarType.Float64)).ToList();
        var velocity = wide.Select(w => zeros_like(w)).ToList();
        double[] Scales() => [wide[0].square().sum().item<double>() / 4, 64 / 4.0, wide[2].square().sum().item<double>() / 4, 1];
        foreach (var step in new[] { 1, 2 })
        {
            optimizer.zero_grad();
            model.call(randn(8, 300).to(dtype)).square().mean().backward();
            var scales = Scales();

            optimizer.step();

            // 19,200 squares summed in single precision; in half precision the error would be a thousand times that.
            foreach (var (f, scale) in optimizer.BlockScales.Zip(new[] { scales[0], scales[2] }))
                f.Multiplier.Should().BeApproximately(scale, 2e-5 * scale);
            for (var i = 0; i < weights.Count; i++)
            {
                velocity[i] = 0.5 * velocity[i] + scales[i] * weights[i].grad!.to(ScalarType.Float64);
                var expected = wide[i] - 0.5 * velocity[i];
                // Each of the few roundings is half a unit in the last place of what it rounds.
                var bound = 4 * Math.Pow(2, -mantissaBits) * (expected.abs() + velocity[i].abs());
                (weights[i].to(ScalarType.Float64) - expected).abs().le(bound).all().item<bool>().Should()
                    .BeTrue($"of parameter {i} at step {step}");
                weights[i].dtype.Should().Be(dtype);
                (wide[i], velocity[i]) = (weights[i].detach().to(ScalarType.Float64),
                    ((SGDState)optimizer.state_dict().State[i]).momentum_buffer!.to(ScalarType.Float64));
            }
        }
    }
}
