using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class FaultTests
{
    [Fact]
    public void A_normalised_weight_of_zero_norm_stays_and_poisons_nothing()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        var weight = model.parameters().First();
        using (no_grad()) weight.zero_();
        var head = ((Linear)((Sequential)model)[4]).weight;
        var first = head.detach().clone();

        OptimizerCases.Train(model, optimizer, 0, 3);

        weight.count_nonzero().item<long>().Should().Be(0);
        optimizer.As<ScaleAmendedSGD>().BlockScales[0].Multiplier.Should().Be(0);
        head.Equals(first).Should().BeFalse("decay still moves it");
        OptimizerCases.Values(model).Should().OnlyContain(v => v.All(double.IsFinite));
    }

    [Fact]
    public void Batches_of_one_and_of_constant_features_keep_everything_finite()
    {
        using var scope = NewDisposeScope();
        foreach (var kind in OptimizerCases.Cases)
        {
            using var model = OptimizerCases.Network();
            using var optimizer = kind.Build(model);
            OptimizerCases.Train(model, optimizer, 0, 1);
            foreach (var batch in new[] { randn(1, 1, 2, 2, float64), ones(3, 1, 2, 2, float64), zeros(2, 1, 2, 2, float64) })
            {
                optimizer.zero_grad();
                model.call(batch).square().mean().backward();
                optimizer.step();
            }

            OptimizerCases.Values(model).Should().OnlyContain(v => v.All(double.IsFinite), kind.Name);
        }
    }

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void After_an_empty_batch_training_goes_on_with_finite_weights(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 2);
        optimizer.zero_grad();

        model.call(zeros(0, 1, 2, 2, float64)).square().mean().backward();
        optimizer.step();
        OptimizerCases.Train(model, optimizer, 2, 2);

        OptimizerCases.Values(model).Should().OnlyContain(v => v.All(double.IsFinite), kind.Name);
    }

    [Fact]
    public void One_vector_under_batch_norm_trains_on_with_finite_weights()
    {
        using var scope = NewDisposeScope();
        using var model = Networks.InFloat64(Sequential(Linear(3, 4), BatchNorm1d(4), Linear(4, 2)));
        using var optimizer = new ScaleAmendedSGD(model, zeros(1, 3, float64), 0.1, momentum: 0.9);

        optimizer.step(() =>
        {
            var loss = model.call(ones(1, 3, float64)).square().sum();
            loss.backward();
            return loss;
        });

        OptimizerCases.Values(model).Should().OnlyContain(v => v.All(double.IsFinite));
    }

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void A_closure_that_throws_leaves_all_as_it_was(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        OptimizerCases.Backward(model, optimizer, 1);
        var (weights, state) = (OptimizerCases.Values(model), OptimizerCases.Bytes(optimizer));

        using (no_grad())
        {
            optimizer.Invoking(o => o.step(() => throw new TimeoutException("data"))).Should().Throw<TimeoutException>();
            is_grad_enabled().Should().BeFalse();
        }

        OptimizerCases.Bytes(optimizer).Should().Equal(state);
        foreach (var (a, b) in weights.Zip(OptimizerCases.Values(model))) b.Should().Equal(a);
    }

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void A_step_never_changes_a_gradient(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        for (var i = 0; i < 3; i++)
        {
            OptimizerCases.Backward(model, optimizer, i);
            var before = model.parameters().Select(p => p.grad!.clone()).ToList();
            optimizer.step();
            model.parameters().Select(p => p.grad!).Zip(before).Should().OnlyContain(p => p.First.Equals(p.Second));
        }
    }

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void Without_any_gradient_a_step_does_nothing(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        var (weights, state) = (OptimizerCases.Values(model), OptimizerCases.Bytes(optimizer));

        optimizer.step().Should().BeNull();

        OptimizerCases.Bytes(optimizer).Should().Equal(state);
        foreach (var (a, b) in weights.Zip(OptimizerCases.Values(model))) b.Should().Equal(a);
    }

    [Fact]
    public void Gradients_accumulated_and_clipped_before_the_step_are_what_it_uses()
    {
        using var scope = NewDisposeScope();
        foreach (var kind in OptimizerCases.Cases.Where(c => !c.Name.Contains("composite") && !c.Name.Contains("trace")))
        {
            manual_seed(5);
            using Module<Tensor, Tensor> model = OptimizerCases.Network(), twin = OptimizerCases.Network();
            twin.load_state_dict(model.state_dict());
            using ScaledSGD optimizer = kind.Build(model), other = kind.Build(twin);
            var batch = randn(4, 1, 2, 2, float64);
            model.call(batch).square().mean().backward();
            model.call(batch).square().mean().backward();
            nn.utils.clip_grad_norm_(model.parameters(), 0.01);
            foreach (var (p, q) in model.parameters().Zip(twin.parameters())) q.grad = p.grad!.clone();

            optimizer.step();
            other.step();

            foreach (var (p, q) in model.parameters().Zip(twin.parameters())) p.Equals(q).Should().BeTrue(kind.Name);
        }
    }

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void A_model_moved_after_the_optimizer_was_built_is_an_error_that_says_so(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        model.to(ScalarType.Float32);

        foreach (var call in new Action[]
        {
            () => optimizer.step(), optimizer.zero_grad, () => optimizer.state_dict(),
            () => OptimizerCases.Bytes(optimizer), () =>
                optimizer.load_state_dict("missing"),
        })
            call.Should().Throw<InvalidOperationException>().WithMessage("*model.to(*move the model first*");
    }

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void After_Dispose_everything_is_refused_but_Dispose(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        optimizer.Dispose();
        optimizer.Dispose();

        foreach (var call in new Action[]
        {
            () => optimizer.step(), optimizer.zero_grad, () => optimizer.state_dict(),
            () => OptimizerCases.Bytes(optimizer), () =>
                optimizer.load_state_dict("missing"),
            () => optimizer.add_param_group(new SGD.ParamGroup { Parameters = model.parameters() }),
        })
            call.Should().Throw<ObjectDisposedException>();
        model.call(randn(4, 1, 2, 2, float64)).sum().backward();
    }

    [CpuFact]
    public async Task Two_models_trained_on_two_threads_get_the_bits_they_get_one_after_the_other()
    {
        List<double[]> Run(OptimizerCase kind, List<double[]> start)
        {
            using var scope = NewDisposeScope();
            using var model = OptimizerCases.Network();
            using (no_grad())
                foreach (var (p, v) in model.parameters().Zip(start)) p.copy_(tensor(v, ScalarType.Float64).view(p.shape));
            using var optimizer = kind.Build(model);
            OptimizerCases.Train(model, optimizer, 0, 20);
            return OptimizerCases.Values(model);
        }

        List<double[]> start;
        using (var model = OptimizerCases.Network()) start = OptimizerCases.Values(model);
        var kinds = OptimizerCases.Cases.ToList();
        var alone = kinds.Select(k => Run(k, start)).ToList();

        var together = await Task.WhenAll(kinds.Select(k => Task.Run(() => Run(k, start))));

        foreach (var (a, b) in alone.Zip(together))
            foreach (var (x, y) in a.Zip(b)) y.Should().Equal(x);
    }

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void Channels_last_and_strided_tensors_keep_their_format_and_train_as_contiguous_ones(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        manual_seed(6);
        using Module<Tensor, Tensor> model = OptimizerCases.Network(), twin = OptimizerCases.Network();
        twin.load_state_dict(model.state_dict());
        var (convolution, linear) = ((Conv2d)((Sequential)twin)[0], (Linear)((Sequential)twin)[4]);
        // channels last
        convolution.weight = new Parameter(convolution.weight.detach().permute(0, 2, 3, 1).contiguous().permute(0, 3, 1, 2));
        // rows with gaps
        linear.weight = new Parameter(cat([linear.weight.detach(), linear.weight.detach()], 1).slice(1, 0, 8, 1));

        var strides = twin.parameters().Select(p => p.stride()).ToList();
        using ScaledSGD optimizer = kind.Build(model), other = kind.Build(twin);
        OptimizerCases.Train(model, optimizer, 0, 4);
        OptimizerCases.Train(twin, other, 0, 4);

        twin.parameters().Select(p => p.stride()).Zip(strides).Should().OnlyContain(s => s.First.SequenceEqual(s.Second));
        foreach (var (a, b) in OptimizerCases.Values(model).Zip(OptimizerCases.Values(twin)))
            b.Zip(a).Should().OnlyContain(v => Math.Abs(v.First - v.Second) <= 1e-12 * Math.Max(1, Math.Abs(v.Second)));
    }

    [CpuFact]
    public void Calls_that_throw_leave_no_tensor_behind()
    {
        using var model = OptimizerCases.Network();
        using var optimizer = OptimizerCases.Cases.First().Build(model);
        OptimizerCases.Train(model, optimizer, 0, 1);
        OptimizerCases.Backward(model, optimizer, 1);
        var weight = model.parameters().First();
        using (NewDisposeScope()) using (no_grad()) weight.view(-1)[0] = double.NaN;
        Attempt();
        var live = LiveTensors.Count();

        for (var i = 0; i < 20; i++) Attempt();

        LiveTensors.Count().Should().Be(live);

        void Attempt()
        {
            using var scope = NewDisposeScope();
            optimizer.Invoking(o => o.step()).Should().Throw<NonFiniteException>();
            optimizer.Invoking(o => o.step(() => throw new TimeoutException())).Should().Throw<TimeoutException>();
            optimizer.Invoking(o => o.add_param_group(new SGD.ParamGroup { Parameters = [weight] }))
                .Should().Throw<ArgumentException>();
        }
    }
}
