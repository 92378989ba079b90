using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Optim;

/// <summary>Layers large enough to move one at a time.</summary>
public class LargeLayerTests
{
    [CpuTheory]
    [InlineData(LarsForm.Paper)]
    [InlineData(LarsForm.You)]
    [InlineData(null)]
    public void Layers_that_move_one_at_a_time_get_the_bits_of_all_at_once(LarsForm? form)
    {
        using var scope = NewDisposeScope();
        var (one, all) = (Weights(), Weights());
        foreach (var (weights, choice) in new[] { (one, NonFiniteGradients.Ignore), (all, NonFiniteGradients.Throw) })
        {
            using var optimizer = Build(form, weights);
            optimizer.NonFiniteGradients = choice;
            for (var step = 0; step < 3; step++) optimizer.step();
        }

        Same(one, all).Should().Equal(true, true, true, true, true);
        Same(one, Weights()).Should().Equal(false, false, false, false, false);
    }

    [CpuTheory]
    [InlineData(NonFiniteGradients.Throw)]
    [InlineData(NonFiniteGradients.Skip)]
    [InlineData(NonFiniteGradients.Ignore)]
    public void With_Throw_and_Skip_a_weight_that_is_not_finite_is_named_before_anything_moves(NonFiniteGradients choice)
    {
        using var scope = NewDisposeScope();
        var (weights, before) = (Weights(), Weights());
        using var optimizer = Build(LarsForm.You, weights);
        optimizer.NonFiniteGradients = choice;
        using (no_grad()) weights[2][5, 7] = before[2][5, 7] = float.PositiveInfinity;

        optimizer.Invoking(o => o.step()).Should().Throw<NonFiniteException>()
            .WithMessage("*in the weight of shape [1024, 1025]*");

        var kept = choice != NonFiniteGradients.Ignore; // then small ones and large ones before it have moved
        Same(weights, before).Should().Equal(kept, kept, true, kept, true);
    }

    private static ScaledSGD Build(LarsForm? form, Parameter[] weights)
    {
        SGD.ParamGroup[] groups =
        [
            new() { Parameters = weights[..2], Options = new SGD.Options { LearningRate = 0.2, momentum = 0.5 } },
            new() { Parameters = weights[2..] },
        ];
        return form is null ? new LSALR(groups, 0.1, 0.9, weight_decay: 0.01)
            : new LARS(groups, 0.1, 0.9, weight_decay: 0.01, form: form.Value);
    }

    private static Parameter[] Weights()
    {
        using var generator = new Generator(3, CPU);
        long[][] shapes = [[1025, 1024], [7], [1024, 1025], [5, 3], [1026, 1024]];
        var weights = shapes.Select(shape => new Parameter(Draws.Normal(generator, shape, float32))).ToArray();
        foreach (var weight in weights) weight.grad = Draws.Normal(generator, weight.shape, float32);
        return weights;
    }

    private static IEnumerable<bool> Same(Parameter[] a, Parameter[] b) => a.Zip(b, (x, y) => x.allclose(y, 0, 0));
}
