using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class NonFiniteTests
{
    private static readonly ScalingOptions WithoutFloor = new() { Floor = 0 };

    private static readonly double[] Bad = [double.NaN, double.PositiveInfinity, double.NegativeInfinity];

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void Throw_names_the_parameter_and_Skip_counts_before_anything_moves(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 2);
        foreach (var (name, parameter) in model.named_parameters())
        {
            foreach (var value in Bad)
            {
                OptimizerCases.Backward(model, optimizer, 3);
                parameter.grad!.view(-1)[^1] = value;
                var (weights, state) = (OptimizerCases.Values(model), OptimizerCases.Bytes(optimizer));

                optimizer.NonFiniteGradients = NonFiniteGradients.Throw;
                var thrown = optimizer.Invoking(o => o.step()).Should().Throw<NonFiniteException>().Which;
                if (optimizer is ScaleAmendedSGD) thrown.Message.Should().Contain($"'{name}'");
                else thrown.Message.Should().Contain($"[{string.Join(", ", parameter.shape)}]");
                optimizer.NonFiniteGradients = NonFiniteGradients.Skip;
                var skipped = optimizer.SkippedSteps;
                optimizer.step();

                optimizer.SkippedSteps.Should().Be(skipped + 1);
                OptimizerCases.Bytes(optimizer).Should().Equal(state);
                foreach (var (a, b) in weights.Zip(OptimizerCases.Values(model))) b.Should().Equal(a);
            }
        }

        OptimizerCases.Train(model, optimizer, 4, 2);
        OptimizerCases.Values(model).Should().OnlyContain(v => v.All(double.IsFinite));
    }

    [Fact]
    public void Gradients_whose_sum_would_overflow_are_finite()
    {
        using var scope = NewDisposeScope();
        foreach (var dtype in new[] { float16, bfloat16, float32 })
        {
            using var weight = new Parameter(ones(100, dtype));
            using var optimizer = new LSALR([weight], 1e-9) { NonFiniteGradients = NonFiniteGradients.Throw };
            weight.grad = full_like(weight, finfo(dtype).max);
            optimizer.step();
        }
    }

    [CpuTheory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void Ignored_as_by_default_the_weight_that_became_non_finite_is_named_at_the_next_step(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 2);
        OptimizerCases.Backward(model, optimizer, 2);
        var weight = ((Linear)((Sequential)model)[4]).weight;
        weight.grad![0, 0] = double.NaN;

        optimizer.NonFiniteGradients.Should().Be(NonFiniteGradients.Ignore);
        optimizer.step();

        weight[0, 0].item<double>().Should().Be(double.NaN);
        var next = () => OptimizerCases.Train(model, optimizer, 3, 2); // measured scales: at the refresh, every second step
        next.Should().Throw<NonFiniteException>().Which.Message.Should()
            .Match(optimizer is ScaleAmendedSGD ? "*'4.weight'*" : "*[3, 8]*");
    }

    [Theory]
    [MemberData(nameof(OptimizerCases.All), MemberType = typeof(OptimizerCases))]
    public void With_Throw_and_Skip_too_the_weight_is_named_when_it_has_spoiled_the_gradients(OptimizerCase kind)
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = kind.Build(model);
        OptimizerCases.Train(model, optimizer, 0, 3); // measured scales: no refresh is due, which would name it too
        using (no_grad()) ((Linear)((Sequential)model)[4]).weight[0, 0] = double.NaN;
        OptimizerCases.Backward(model, optimizer, 3);
        var (weights, state) = (OptimizerCases.Values(model), OptimizerCases.Bytes(optimizer));
        foreach (var choice in new[] { NonFiniteGradients.Throw, NonFiniteGradients.Skip })
        {
            optimizer.NonFiniteGradients = choice;

            optimizer.Invoking(o => o.step()).Should().Throw<NonFiniteException>()
                .Which.Message.Should()
                .Match(optimizer is ScaleAmendedSGD ? "*in the weight '4.weight'*" : "*in the weight of shape [3, 8]*");

            optimizer.SkippedSteps.Should().Be(0);
            OptimizerCases.Bytes(optimizer).Should().Equal(state);
            foreach (var (a, b) in weights.Zip(OptimizerCases.Values(model))) b.Should().Equal(a);
        }
    }

    [CpuFact]
    public void LSALR_looks_for_the_weight_that_is_not_finite_once_a_gradient_is_not_before_anything_moves()
    {
        using var scope = NewDisposeScope();
        using var model = Sequential(("first", Linear(5, 4)), ("second", Linear(4, 3)));
        var weights = model.parameters().ToArray();
        using var optimizer = new LSALR(weights, 0.1);
        foreach (var weight in weights) weight.grad = ones_like(weight);
        using (no_grad()) weights[2][1, 1] = float.NaN;

        optimizer.step(); // finite gradients are all it needs

        weights[0].grad![0, 0] = float.NaN;
        var before = OptimizerCases.Values(model);
        optimizer.Invoking(o => o.step()).Should().Throw<NonFiniteException>().WithMessage("*in the weight of shape [3, 4]*");
        foreach (var (a, b) in before.Zip(OptimizerCases.Values(model))) b.Should().Equal(a);
    }

    [Theory]
    [InlineData(1e-15)]
    [InlineData(1e-10)]
    [InlineData(1e15)]
    public void Norms_whose_squares_leave_float32_are_right_all_the_same(double scale)
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        foreach (var dtype in new[] { float32, bfloat16 })
        {
            using var model = Linear(50, 4, hasBias: false, dtype: dtype);
            using (no_grad()) model.weight.mul_(scale);
            using var optimizer = new ScaleAmendedSGD(model, zeros(1, 50, dtype), lr: 0, scaling: WithoutFloor);
            model.weight.grad = zeros_like(model.weight);

            optimizer.step();

            var expected = model.weight.detach().to(float64).square().sum().item<double>() / 4;
            optimizer.BlockScales[0].Multiplier.Should().BeApproximately(expected, 1e-6 * expected);
        }
    }

    [CpuTheory]
    [InlineData(1e25)]
    [InlineData(1e-25)]
    public void A_weight_so_large_or_small_that_its_multiplier_leaves_the_arithmetic_is_refused_by_name(double scale)
    {
        using var scope = NewDisposeScope();
        foreach (var dtype in new[] { float32, bfloat16 })
        {
            using var model = Sequential(("layer", Linear(5, 4, hasBias: false, dtype: dtype)));
            using (no_grad()) model.parameters().Single().mul_(scale);
            var before = OptimizerCases.Values(model);
            using var optimizer = new ScaleAmendedSGD(model, zeros(1, 5, dtype), lr: 0.1, scaling: WithoutFloor);
            model.call(ones(2, 5, dtype)).sum().backward();

            optimizer.Invoking(o => o.step()).Should().Throw<NonFiniteException>()
                .WithMessage("*'layer.weight'*out of the range*");

            OptimizerCases.Values(model)[0].Should().Equal(before[0]);
        }
    }

    [Fact]
    public void In_float16_squares_that_overflow_do_no_harm()
    {
        using var scope = NewDisposeScope();
        foreach (var scale in new[] { 1000, 1e-5 })
        {
            using var weight = new Parameter(full(64, 64, scale, float16));
            using var optimizer = new LARS([weight], 0.5);
            weight.grad = weight.detach().clone();

            optimizer.step(); // W − η·‖W‖/‖W‖·W

            (weight / scale).to(float64).allclose(full(64, 64, 0.5, float64), rtol: 0.02).Should().BeTrue();
        }
    }
}
