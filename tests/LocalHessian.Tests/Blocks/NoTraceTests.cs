using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Blocks;

/// <summary>Finding blocks changes nothing, whether it succeeds or not.</summary>
public class NoTraceTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Statistics_flags_gradients_and_random_state_are_as_before(bool fails)
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var norm = BatchNorm1d(5);
        var frozenNorm = BatchNorm1d(5);
        var throwing = false;
        using var model = new Lambda(
            (l, x) =>
            {
                var y = l[4].call(l[3].call(l[2].call(l[1].call(l[0].call(x)))));
                return throwing ? throw new InvalidDataException("on purpose") : y;
            },
            ("a", Linear(4, 5)), ("norm", norm), ("drop", Dropout(0.5)), ("frozen", frozenNorm), ("b", Linear(5, 2)));
        model.train();
        frozenNorm.eval();
        var x = randn(6, 4);
        model.call(x).Invoking(y => y.sum().backward()).Should().NotThrow();
        throwing = fails;
        var gradients = model.parameters().Select(p => p.grad!.clone()).ToList();
        var buffers = model.buffers().Select(b => b.clone()).ToList();
        var state = random.get_rng_state();

        var find = () => BlockChain.Find(model, x);
        if (fails) find.Should().Throw<InvalidDataException>();
        else find().Should().HaveCount(2);

        model.training.Should().BeTrue();
        norm.training.Should().BeTrue();
        frozenNorm.training.Should().BeFalse();
        model.parameters().Select(p => p.grad!).Zip(gradients).Should().OnlyContain(p => p.First.Equals(p.Second));
        model.buffers().Zip(buffers).Should().OnlyContain(p => p.First.Equals(p.Second));
        random.get_rng_state().Equals(state).Should().BeTrue();
        x.requires_grad.Should().BeFalse();
    }

    [Fact]
    public void Hooks_are_gone_afterwards_so_the_graph_of_a_later_pass_is_whole()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(Linear(4, 5), ReLU(), Linear(5, 2));
        BlockChain.Find(model, zeros(1, 4));

        model.call(randn(3, 4)).sum().backward();

        model.parameters().First().grad.Should().NotBeNull("a cut left in place would keep the gradient from the first layer");
    }

    [Fact]
    public void A_graph_the_caller_holds_stays_usable()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(Linear(4, 5), BatchNorm1d(5), Linear(5, 2));
        model.eval();
        var loss = model.call(randn(3, 4)).sum();

        BlockChain.Find(model, randn(3, 4));

        loss.Invoking(l => l.backward()).Should().NotThrow();
    }

    [Fact]
    public void No_tensor_is_left_behind()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.Vgg(Networks.VggWidths[0], 16);
        var x = randn(2, 3, 32, 32, float64);
        BlockChain.Find(model, x);
        var before = LiveTensors.Count();

        for (var i = 0; i < 3; i++) BlockChain.Find(model, x);
        LiveTensors.Count().Should().Be(before);

        using var skip = new Lambda((l, z) => l[0].call(z) + z, ("a", Linear(4, 4)));
        before = LiveTensors.Count();
        for (var i = 0; i < 3; i++)
            skip.Invoking(m => { using var z = randn(1, 4); BlockChain.Find(m, z); }).Should().Throw<NotAChainException>();
        LiveTensors.Count().Should().Be(before);
    }
}
