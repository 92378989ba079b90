using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class FrozenParameterTests
{
    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void A_parameter_frozen_during_training_stands_still_at_once_and_moves_again_when_thawed(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 2);
        var frozen = model.parameters().First();
        frozen.requires_grad = false;
        var before = frozen.detach().clone();

        OptimizerCases.Train(model, optimizer, 2, 3);
        frozen.grad!.count_nonzero().item<long>().Should()
            .Be(0, "zero_grad leaves zeros, with which decay and momentum would go on");
        frozen.grad = ones_like(frozen);
        OptimizerCases.Train(model, optimizer, 5, 1);
        frozen.Equals(before).Should().BeTrue();

        frozen.requires_grad = true;
        OptimizerCases.Train(model, optimizer, 6, 1);
        frozen.Equals(before).Should().BeFalse();
    }

    [Fact]
    public void A_block_frozen_during_training_still_multiplies()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64(Sequential(Linear(4, 6), ReLU(), Linear(6, 5), ReLU(), Linear(5, 2)));
        using var optimizer = new ScaleAmendedSGD(model, randn(1, 4, float64), 0.1);
        for (var i = 0; i < 2; i++)
        {
            optimizer.zero_grad();
            model.call(randn(3, 4, float64)).square().sum().backward();
            optimizer.step();
            ((Linear)((Sequential)model)[2]).weight.requires_grad = false;
        }

        optimizer.BlockScales[1].Reached.Should().BeTrue();
        optimizer.BlockScales[0].BackwardFactor.Should().BeApproximately(2 / 6.0, 1e-15);
    }
}
