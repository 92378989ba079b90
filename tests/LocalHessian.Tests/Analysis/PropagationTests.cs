using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Analysis;

/// <summary>Procedure 1 beyond Proposition 1: other rates of the input, and what comes before the first block.</summary>
public class PropagationTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(0.5)]
    [InlineData(0)]
    public void A_signal_is_multiplied_by_the_rate_of_the_input_once_a_block(double inputRate)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        // The norm's gain comes before the first weight, and is no block.
        using var network = Networks.InFloat64(Sequential(BatchNorm1d(4), Linear(4, 5), Tanh(), Linear(5, 4), Tanh(), Linear(4,
            2)));
        var x = randn(6, 4, float64);
        PassTests.J(network.call(x)).backward();
        var blocks = new Dictionary<string, int> { ["0"] = 3, ["1"] = 2, ["3"] = 1, ["5"] = 0 };
        var expected = network.named_parameters().Select(p =>
            (p.name, (p.parameter - 0.3 * Math.Pow(inputRate, blocks[p.name.Split('.')[0]]) * p.parameter.grad!).detach()))
            .ToList();

        BackMatchingPropagation.Step(network, x, PassTests.J, rate: 0.3, inputRate).Should().HaveCount(3);

        foreach (var (name, value) in expected) HessianTests.ShouldBe(network.get_parameter(name)!.detach(), value, 1e-13);
    }
}
