using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Analysis;

/// <summary>An output channel's part of the weight, also where groups and transposition scatter it.</summary>
public class ChannelTests
{
    public static TheoryData<BlockCase> Layers =>
        new(BlockCases.All.Where(c => c.Build() is TorchSharp.Modules.Linear or Convolution));

    [Theory, MemberData(nameof(Layers))]
    public void Its_Hessian_and_gradient_are_those_of_the_entries_that_its_outputs_depend_on(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, change) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input, change);
        var weight = block.parameters().First(p => p.dim() > 1);
        var (whole, gradient) = (loss.ForWeight().Hessian(), loss.ForWeight().Gradient());
        var channels = block is TorchSharp.Modules.Linear ? weight.shape[0] : block.call(input).shape[1];
        var dimension = block is TorchSharp.Modules.Linear ? -1 : 1;
        for (var channel = 0; channel < channels; channel++)
        {
            var outputs = block.call(input).select(dimension, channel).square().sum();
            var entries = autograd.grad([outputs], [weight])[0].reshape(-1).nonzero().reshape(-1);
            var expected = whole.index_select(0, entries).index_select(1, entries);

            HessianTests.ShouldBe(loss.ForWeight(channel).Hessian(), expected);
            // Channels of a group have equal Hessians: they differ in the gradient.
            HessianTests.ShouldBe(loss.ForWeight(channel).Gradient(), gradient.index_select(0, entries));
        }

        loss.Invoking(l => l.ForWeight(channels)).Should().Throw<ArgumentOutOfRangeException>()
            .WithMessage($"*output channels 0 to {channels - 1}.*");
    }
}
