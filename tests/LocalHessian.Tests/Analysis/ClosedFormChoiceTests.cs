using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Analysis;

/// <summary>
/// A block of a network has its closed form where its layers alone give its output, up to round-off: a device may take another
/// algorithm for the second pass over a layer, as cuDNN does.
/// </summary>
public class ClosedFormChoiceTests
{
    [Theory, InlineData(ScalarType.Float32, 1e-4), InlineData(ScalarType.Float64, 1e-12)]
    public void A_convolution_that_sums_in_another_order_the_second_time_keeps_it(ScalarType dtype, double tolerance)
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var layer = Conv2d(24, 2, 3, bias: false);
        using var network = Sequential(layer, BatchNorm2d(2), Conv2d(2, 1, 1), Flatten(), Linear(4, 2)).to(dtype);
        var input = randn([5, 24, 4, 4], dtype);
        // By itself the layer adds its channels from the first to the last, in the network from the last to the first.
        layer.register_forward_hook((_, x, _) => functional.conv2d(x.flip(1), layer.weight.flip(1)));
        layer.call(input).Equals(layer.forward(input)).Should().BeFalse("else nothing is shown");

        using var pass = BackMatchingPass.Run(network, input, PassTests.J);

        pass[0].ForInput().Method(HessianOptions.GaussNewton).Should().Be(HessianMethod.ClosedForm);
        var differentiated = HessianOptions.GaussNewton with { Method = HessianMethod.Differentiation };
        HessianTests.ShouldBe(pass[0].ForWeight().Hessian(HessianOptions.GaussNewton).to(float64),
            pass[0].ForWeight().Hessian(differentiated).to(float64), tolerance);
    }

    [Fact]
    public void A_function_between_two_layers_that_changes_a_millionth_takes_it_away()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var network = Networks.InFloat64(new Lambda((l, x) => l[1].call(l[0].call(x) * (1 + 1e-6)),
            ("a", Linear(4, 6)), ("b", Linear(6, 5))));

        using var pass = BackMatchingPass.Run(network, randn(7, 4, float64), PassTests.J);

        pass[0].ForInput().Method(HessianOptions.GaussNewton).Should().Be(HessianMethod.Differentiation);
    }
}
