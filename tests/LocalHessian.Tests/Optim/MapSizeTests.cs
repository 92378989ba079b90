using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

public class MapSizeTests
{
    [Theory]
    [InlineData(PositionConvention.LayerSharing)]
    [InlineData(PositionConvention.LayerOutput)]
    public void Training_images_of_another_size_than_the_examples_are_refused_where_the_size_counts(PositionConvention positions)
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var optimizer = new ScaleAmendedSGD(model, randn(1, 2, 8, 8), 0.1, scaling: new() { Positions = positions });

        model.call(randn(5, 2, 8, 8));
        model.Invoking(m => m.call(randn(3, 2, 12, 12)))
            .Should().Throw<InvalidOperationException>().WithMessage("*[2, 12, 12]*[2, 8, 8]*BlockOutput*");
        using (no_grad()) model.call(randn(3, 2, 12, 12));
        model.eval();
        model.call(randn(3, 2, 12, 12));

        model.train();
        optimizer.Dispose();
        model.call(randn(3, 2, 12, 12));
    }

    [Fact]
    public void By_default_the_multipliers_do_not_depend_on_the_size()
    {
        using var scope = NewDisposeScope();
        using var model = Model();
        var multipliers = new List<double[]>();
        foreach (var size in new[] { 8, 12 })
        {
            using var optimizer = new ScaleAmendedSGD(model, randn(1, 2, size, size), lr: 0);
            model.call(randn(3, 2, 16, 16)).square().sum().backward();
            optimizer.step();
            multipliers.Add(optimizer.BlockScales.Select(b => b.Multiplier).ToArray());
        }

        multipliers[1].Zip(multipliers[0]).Should().OnlyContain(p => Math.Abs(p.First / p.Second - 1) < 1e-14);
    }

    private static Module<Tensor, Tensor> Model() => Sequential(
        Conv2d(2, 4, 3, padding: 1), ReLU(), MaxPool2d(2), Conv2d(4, 5, 3, padding: 1), ReLU(), AdaptiveAvgPool2d(1), Flatten(),
        Linear(5, 3));
}
