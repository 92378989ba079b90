using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>Scale equivariance, MATH §6.</summary>
public class InitialScaleTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(-3)]
    [InlineData(5)]
    public void Initial_weights_times_a_power_of_two_give_weights_times_it_bit_for_bit(int power)
    {
        using var scope = NewDisposeScope();
        var factor = Math.Pow(2, power);
        var (plain, scaled) = (Train(1, m => ScaleAmended(m)), Train(factor, m => ScaleAmended(m)));

        for (var i = 0; i < plain.Count - 1; i++) scaled[i].Equals(plain[i] * factor).Should().BeTrue($"of block {i}");
        scaled[^1].Equals(plain[^1]).Should().BeTrue("the head, which no norm follows, starts alike and stays alike");
    }

    [Fact]
    public void SGD_has_no_such_property()
    {
        using var scope = NewDisposeScope();
        var (plain, scaled) = (Train(1, m => optim.SGD(m.parameters(), 0.05, 0.9)),
            Train(2, m => optim.SGD(m.parameters(), 0.05, 0.9)));

        (scaled[0] - 2 * plain[0]).abs().max().item<double>().Should().BeGreaterThan(1e-3);
    }

    private static ScaleAmendedSGD ScaleAmended(Module<Tensor, Tensor> model) =>
        new(model, zeros(2, 3, 8, 8, float64), 0.05, momentum: 0.9);

    /// <summary>Six steps from initial weights times a factor, the head's excepted; batch norm's ε is zero.</summary>
    private static List<Tensor> Train(double factor, Func<Module<Tensor, Tensor>, optim.Optimizer> build)
    {
        manual_seed(4);
        using var model = Networks.InFloat64(Sequential(
            Conv2d(3, 6, 3, padding: 1, bias: false), BatchNorm2d(6, eps: 0, affine: false), ReLU(inplace: true), MaxPool2d(2),
            Conv2d(6, 8, 3, stride: 2, padding: 1, bias: false), BatchNorm2d(8, eps: 0, affine: false), ReLU(inplace: true),
            Flatten(),
            Linear(32, 5, hasBias: false)));
        var weights = model.parameters().ToList();
        using (no_grad())
            foreach (var weight in weights.SkipLast(1)) weight.mul_(factor);
        using var optimizer = build(model);
        for (var i = 0; i < 6; i++)
        {
            var (x, y) = (randn(8, 3, 8, 8, float64), randint(0, 5, 8));
            optimizer.zero_grad();
            functional.cross_entropy(model.call(x), y).backward();
            optimizer.step();
        }

        return [.. weights.Select(w => w.detach().clone())];
    }
}
