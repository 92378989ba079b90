using LocalHessian.Blocks;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Analysis;

/// <summary>No trace is left, and every fault is a typed error that names the culprit.</summary>
public class FaultTests
{
    [Fact]
    public void Statistics_flags_gradients_and_random_state_are_as_before()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        var norm = BatchNorm1d(5);
        using var network = Networks.InFloat64(Sequential(Linear(4, 5), norm, Dropout(0.5), ReLU(), Linear(5, 2)));
        network.get_parameter("4.weight")!.requires_grad = false;
        var input = randn(6, 4, float64);
        network.call(input).sum().backward();
        var gradients = network.parameters().Select(p => p.grad?.clone()).ToList();
        var buffers = network.buffers().Select(b => b.clone()).ToList();
        var state = random.get_rng_state();

        Analyse(network, input);

        network.parameters().Zip(gradients).Should().OnlyContain(p => Same(p.First.grad, p.Second));
        network.buffers().Zip(buffers).Should().OnlyContain(p => p.First.Equals(p.Second));
        random.get_rng_state().Equals(state).Should().BeTrue();
        norm.momentum.Should().Be(0.1);
        network.modules().Should().OnlyContain(m => m.training);
        network.parameters().Select(p => p.requires_grad).Should().Equal(true, true, true, true, false, true);
        input.requires_grad.Should().BeFalse();
        (input.grad is null).Should().BeTrue();
    }

    [Fact]
    public void No_tensor_is_left_behind_by_success_or_failure()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.InFloat64(Sequential(Linear(4, 5), BatchNorm1d(5), Linear(5, 3), ReLU(), Linear(3, 2)));
        var input = randn(6, 4, float64);
        var wrong = randn(6, 3, float64);
        var zero = zeros(6, 4, float64) / 0;
        Analyse(network, input);
        Fail();
        var before = LiveTensors.Count();
        for (var i = 0; i < 3; i++) Analyse(network, input);
        for (var i = 0; i < 3; i++) Fail();
        LiveTensors.Count().Should().Be(before);

        void Fail()
        {
            network.Invoking(n => BackMatchingPass.Run(n, zero, PassTests.J)).Should().Throw<ArgumentException>();
            network.Invoking(n => BackMatchingPass.Run(n, input, y => y)).Should().Throw<ArgumentException>();
            network.Invoking(n => BackMatchingPass.Run(n, input, _ => throw new InvalidDataException("on purpose")))
                .Should().Throw<InvalidDataException>();
            network.Invoking(n => BackMatchingLoss.Of(n, input, wrong)).Should().Throw<ArgumentException>();
            using var loss = BackMatchingLoss.Of(network, input);
            loss.Invoking(l => l.ForInput().Hessian(new() { MaxBytes = 10 })).Should().Throw<MatrixTooLargeException>();
            loss.Invoking(l => l.ForInput(6).Hessian()).Should().Throw<ArgumentOutOfRangeException>();
            loss.Invoking(l => l.ForInput().Hessian(new() { Method = HessianMethod.ClosedForm }))
                .Should().Throw<ArgumentException>();
        }
    }

    [Fact]
    public void Ten_thousand_products_leave_the_number_of_live_tensors_unchanged()
    {
        using var scope = NewDisposeScope();
        using var block = Sequential(Linear(4, 3), Tanh());
        using var loss = BackMatchingLoss.Of(block, randn(2, 4), randn(2, 3));
        using var h = loss.ForInput().Operator(HessianOptions.GaussNewton);
        var v = randn(8);
        h.Apply(v).Dispose();
        var before = LiveTensors.Count();
        for (var i = 0; i < 10_000; i++) h.Apply(v).Dispose();
        LiveTensors.Count().Should().Be(before);
    }

    [Fact]
    public void Bad_input_is_refused_by_name()
    {
        using var scope = NewDisposeScope();
        using var block = Linear(4, 3);
        Refused(randn(2, 3), null, "*"); // the layer's own error
        Refused(randn(4), null, "*batch*");
        Refused(zeros(0, 4), null, "*batch*");
        Refused(zeros(2, 4) / 0, null, "*input*NaN*");
        Refused(zeros(2, 4, int64), null, "*Int64*");
        Refused(zeros(2, 4, float64), null, "*Float64*Float32*");
        Refused(zeros(2, 4), zeros(2, 4), "*desired change*[2, 4]*[2, 3]*");
        Refused(zeros(2, 4), zeros(2, 3, float64), "*desired change*Float64*");
        Refused(zeros(2, 4), zeros(2, 3) / 0, "*desired change*NaN*");
        ((Action)(() => BackMatchingLoss.Of((Module<Tensor, Tensor>)null!, zeros(2, 4)))).Should().Throw<ArgumentNullException>();
        using (no_grad()) block.weight[0, 0] = double.PositiveInfinity;
        Refused(ones(2, 4), null, "*output*NaN or infinite*");

        void Refused(Tensor input, Tensor? change, string message) =>
            ((Action)(() => BackMatchingLoss.Of(block, input, change))).Should().Throw<Exception>().WithMessage(message)
                .Which.Should().Match(e => e is ArgumentException || message == "*");
    }

    [Fact]
    public void What_the_output_does_not_depend_on_has_no_Hessian()
    {
        using var scope = NewDisposeScope();
        using var detached = new Lambda((l, z) => l[0].call(z.detach()), ("a", Linear(4, 3)));
        using var unused = new Lambda((l, z) => z * 2, ("a", Linear(4, 3)));
        using var constant = new Lambda((l, z) => ones(2, 3), ("a", Linear(4, 3)));
        using var none = ReLU();
        var input = randn(2, 4);

        using var a = BackMatchingLoss.Of(detached, input);
        a.Invoking(l => l.ForInput().Hessian()).Should().Throw<IndependentBlockException>().WithMessage("*input*");
        a.Invoking(l => l.ForInput().Operator()).Should().Throw<IndependentBlockException>();
        a.ForWeight().Hessian().shape.Should().Equal(12, 12);
        using var b = BackMatchingLoss.Of(unused, input);
        b.Invoking(l => l.ForWeight().Hessian()).Should().Throw<IndependentBlockException>().WithMessage("*weight*");
        b.ForInput().Hessian().shape.Should().Equal(8, 8);
        using var c = BackMatchingLoss.Of(constant, input);
        c.Invoking(l => l.ForInput().Gradient()).Should().Throw<IndependentBlockException>();
        using var d = BackMatchingLoss.Of(none, input);
        d.Invoking(l => l.ForWeight().Hessian()).Should().Throw<InvalidOperationException>().WithMessage("*no weight*");
    }

    [Fact]
    public void A_matrix_too_large_is_refused_with_its_bytes_and_the_operator_that_serves()
    {
        using var scope = NewDisposeScope();
        using var block = Conv2d(64, 64, 3, padding: 1, bias: false);
        using var loss = BackMatchingLoss.Of(block, zeros(16, 64, 32, 32));
        loss.Invoking(l => l.ForInput().Hessian()).Should().Throw<MatrixTooLargeException>()
            .WithMessage("*4,398,046,511,104 bytes*LocalCurvature.Operator*"); // (16·65,536)²·4
        loss.Invoking(l => l.ForWeight().Hessian(new() { MaxBytes = 1 << 30 })).Should().Throw<MatrixTooLargeException>()
            .WithMessage("*5,435,817,984 bytes*LocalCurvature.Operator*");
    }

    [Fact]
    public void A_recorded_block_whose_weight_has_moved_says_so_on_every_road()
    {
        using var scope = NewDisposeScope();
        using var block = Linear(4, 3);
        using var loss = BackMatchingLoss.Of(block, randn(2, 4));
        using var h = loss.ForInput().Operator();
        using (no_grad()) block.weight.add_(1);
        loss.Invoking(l => l.ForInput().Hessian()).Should().Throw<InvalidOperationException>().WithMessage("*record it again*");
        loss.Invoking(l => l.ForInput().Hessian(new() { Method = HessianMethod.Differentiation }))
            .Should().Throw<InvalidOperationException>().WithMessage("*record it again*");
        h.Invoking(o => o.Apply(ones(8))).Should().Throw<InvalidOperationException>().WithMessage("*record it again*");
    }

    [Fact]
    public void After_disposal_the_loss_and_its_operators_say_so()
    {
        using var scope = NewDisposeScope();
        using var block = Linear(4, 3);
        var loss = BackMatchingLoss.Of(block, randn(2, 4));
        var h = loss.ForWeight().Operator();
        loss.Dispose();
        loss.Dispose();
        loss.Invoking(l => l.ForInput().Hessian()).Should().Throw<ObjectDisposedException>();
        loss.Invoking(l => l.ForWeight().Gradient()).Should().Throw<ObjectDisposedException>();
        loss.Invoking(l => l.Output).Should().Throw<ObjectDisposedException>();
        h.Invoking(o => o.Apply(ones(12))).Should().Throw<ObjectDisposedException>();
        h.Dispose();
    }

    [Fact]
    public void Dropout_draws_once_and_its_mask_is_part_of_the_block()
    {
        using var scope = NewDisposeScope();
        manual_seed(8);
        using var block = Networks.InFloat64(Sequential(Linear(6, 5), Dropout(0.5)));
        using var loss = BackMatchingLoss.Of(block, randn(1, 6, float64));
        var mask = loss.Output.ne(0).to(float64).reshape(-1) * 2;
        mask.sum().item<double>().Should().BeInRange(2, 8);
        var w = diag(mask).mm(block.get_parameter("0.weight")!.detach());

        HessianTests.ShouldBe(loss.ForInput().Hessian(), w.t().mm(w));
        HessianTests.ShouldBe(loss.ForInput().Hessian(), loss.ForInput().Hessian());
    }

    [Theory]
    [InlineData("missing", "*no module 'missing'*")]
    [InlineData("outer", "*'outer' contains block 'outer.0'*")]
    public void Wrong_block_names_are_refused(string name, string message)
    {
        using var scope = NewDisposeScope();
        using var network = new Lambda((l, x) => l[0].call(x), ("outer", Sequential(Linear(3, 3))), ("idle", Linear(3, 3)));
        ((Action)(() => BackMatchingPass.Run(network, randn(2, 3), y => y.sum(), [name, "outer.0"])))
            .Should().Throw<ArgumentException>().WithMessage(message);
        ((Action)(() => BackMatchingPass.Run(network, randn(2, 3), y => y.sum(), ["idle"]))).Should().Throw<NotAChainException>()
            .WithMessage("*'idle' runs 0 times*");
        ((Action)(() => BackMatchingPropagation.Step(network, randn(2, 3), y => y.sum(), double.NaN)))
            .Should().Throw<ArgumentOutOfRangeException>();
    }

    private static bool Same(Tensor? a, Tensor? b) => a is null ? b is null : b is not null && a.Equals(b);

    private static void Analyse(Module<Tensor, Tensor> network, Tensor input)
    {
        using var scope = NewDisposeScope();
        using var pass = BackMatchingPass.Run(network, input, PassTests.J);
        foreach (var block in pass)
        {
            block.ForInput().Hessian();
            block.ForInput(0).Hessian(new() { Method = HessianMethod.Differentiation });
            block.ForWeight(0).Hessian();
            block.ForInput().Efficiency();
            block.ForWeight().Efficiency();
            using var h = block.ForWeight().Operator();
            h.ToDense();
        }

        using var loss = BackMatchingLoss.Of(network, input);
        loss.ForWeight().Hessian(HessianOptions.GaussNewton);
    }
}
