using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>Weights that start at zero: heads, residual branches, first layers (MATH §6).</summary>
public class ZeroWeightTests
{
    public static TheoryData<ScaleSource> Sources => [ScaleSource.ClosedForm, ScaleSource.Composite];

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_head_that_starts_at_zero_trains(ScaleSource source)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = Sequential(Linear(10, 32), BatchNorm1d(32), ReLU(), Linear(32, 3));
        Zero((Linear)((Sequential)model)[3]);

        Train(model, source, momentum: 0).Should().BeLessThan(0.1);
    }

    [Fact]
    public void A_residual_branch_that_starts_at_zero_trains_with_measured_scales()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = new Lambda(
            (l, x) => { var z = l[0].call(x); return l[2].call(z + l[1].call(z)); },
            ("stem", Linear(10, 32)), ("branch", Sequential(Linear(32, 32), Tanh(), Linear(32, 32))), ("head", Linear(32, 3)));
        var last = model.named_parameters().Single(p => p.name == "branch.2.weight").parameter;
        using (no_grad()) last.zero_();

        Train(model, ScaleSource.Composite, momentum: 0).Should().BeLessThan(0.1);
        last.norm().item<float>().Should().BeGreaterThan(0.1f);
    }

    [Theory]
    [MemberData(nameof(Sources))]
    public void A_first_layer_that_starts_at_zero_trains(ScaleSource source)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var model = Sequential(Linear(10, 32), Tanh(), Linear(32, 3));
        Zero((Linear)((Sequential)model)[0]);

        Train(model, source, momentum: 0.9).Should().BeLessThan(0.1);
    }

    [Fact]
    public void The_floor_changes_no_bit_at_customary_initial_weights()
    {
        using var scope = NewDisposeScope();
        foreach (var source in new[] { ScaleSource.ClosedForm, ScaleSource.Composite })
        {
            var runs = new List<List<Tensor>>();
            foreach (var floor in new[] { 0, ScalingOptions.DefaultFloor })
            {
                manual_seed(2);
                using var model = Sequential(Linear(20, 40), ReLU(), Linear(40, 30), ReLU(), Linear(30, 5));
                var data = randn(16, 20);
                using var optimizer = new ScaleAmendedSGD(model, data, 0.1, 0.9,
                    scaling: new() { Source = source, Floor = floor });
                for (var i = 0; i < 10; i++)
                {
                    optimizer.zero_grad();
                    model.call(data).square().mean().backward();
                    optimizer.step();
                }

                runs.Add(model.parameters().Select(p => p.detach().clone()).ToList());
            }

            foreach (var (a, b) in runs[0].Zip(runs[1])) b.Equals(a).Should().BeTrue($"{source}");
        }
    }

    private static void Zero(nn.Module layer)
    {
        using (no_grad()) foreach (var p in layer.parameters()) p.zero_();
    }

    /// <summary>
    /// 200 steps at rate 0.05 on 30 samples of three classes, on which SGD brings the first network to 0.025; the last loss.
    /// </summary>
    private static double Train(Module<Tensor, Tensor> model, ScaleSource source, double momentum)
    {
        var y = arange(30) % 3;
        var x = randn(30, 10) + 3 * functional.one_hot(y, 10);
        using var optimizer = new ScaleAmendedSGD(model, x, 0.05, momentum, scaling: new() { Source = source });
        var loss = double.NaN;
        for (var i = 0; i < 200; i++)
        {
            using var scope = NewDisposeScope();
            optimizer.zero_grad();
            var value = functional.cross_entropy(model.call(x), y);
            value.backward();
            optimizer.step();
            loss = value.item<float>();
        }

        return loss;
    }
}
