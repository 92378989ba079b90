using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace LocalHessian.Tests.Optim;

public class ScaleAmendedSGDTests
{
    [Fact]
    public void One_step_equals_the_one_written_out_from_the_paper()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var model = Networks.InFloat64(nn.Sequential(
            nn.Conv2d(3, 8, 3, stride: 2, padding: 1, bias: false), nn.BatchNorm2d(8, affine: false), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(),
            nn.Linear(128, 10, hasBias: false)));
        var (x, y) = (randn(6, 3, 16, 16, float64), randint(0, 10, 6));
        var parameters = model.parameters().ToList();
        var before = parameters.Select(p => p.detach().clone()).ToList();
        using var optimizer = new ScaleAmendedSGD(model, x, lr: 0.1, momentum: 0.9, weight_decay: 0.005);

        var velocity = before.Select(w => zeros_like(w)).ToList();
        for (var k = 0; k < 3; k++)
        {
            optimizer.zero_grad();
            cross_entropy(model.call(x), y).backward();
            // eqs. (22) to (24) with s = 16, c = 16 for the convolution and s = c = 1 for the head
            double convolution = before[0].square().sum().item<double>(), head = before[1].square().sum().item<double>();
            double mHead = 1, mConvolution = mHead * (10 / 128.0), headScale = 10 / head, convolutionScale = 16 * 8 / convolution;
            var amended = new[]
            {
                (parameters[0].grad! + 0.005 * before[0]) / mConvolution / convolutionScale,
                (parameters[1].grad! + 0.005 * before[1]) / mHead / headScale,
            };
            for (var i = 0; i < 2; i++)
            {
                velocity[i] = 0.9 * velocity[i] + amended[i];
                before[i] = before[i] - 0.1 * velocity[i];
            }

            optimizer.step();

            for (var i = 0; i < 2; i++) (parameters[i] - before[i]).abs().max().item<double>().Should().BeLessThan(1e-13);
            optimizer.BlockScales[0].BackwardFactor.Should().Be(mConvolution);
            optimizer.BlockScales[1].WeightScale.Should().BeApproximately(headScale, 1e-12 * headScale);
        }
    }
}
