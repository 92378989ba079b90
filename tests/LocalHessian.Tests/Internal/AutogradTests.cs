using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Internal;

/// <summary>Errors that would end the process inside <c>torch.autograd.grad</c> are managed exceptions here.</summary>
public class AutogradTests
{
    [Fact]
    public void A_gradient_is_right_and_leaves_the_inputs_own_gradient_alone()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2.0, 3.0 }).requires_grad_();
        x.grad = ones(3, float64);

        var g = Autograd.Grad([x.pow(3).sum()], [x])[0]!;

        g.Host<double>().Should().Equal(3, 12, 27);
        x.grad!.Host<double>().Should().Equal(1, 1, 1);
    }

    [Fact]
    public void A_created_graph_can_be_differentiated_again()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 1.0, 2.0 }).requires_grad_();

        var first = Autograd.Grad([x.pow(3).sum()], [x], createGraph: true)[0]!;

        Autograd.Grad([first.sum()], [x])[0]!.Host<double>().Should().Equal(6, 12);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void An_unreached_input_gives_null(bool createGraph)
    {
        using var scope = NewDisposeScope();
        Tensor x = ones(2).requires_grad_(), y = ones(2).requires_grad_();

        var g = Autograd.Grad([x.sum()], [x, y], createGraph: createGraph);

        g[0].Should().NotBeNull();
        g[1].Should().BeNull();
    }

    [Fact]
    public void No_graph_wrong_shapes_and_changed_tensors_are_exceptions()
    {
        using var scope = NewDisposeScope();
        var x = ones(2).requires_grad_();
        ((Action)(() => Autograd.Grad([ones(1)], [x]))).Should().Throw<InvalidOperationException>();
        ((Action)(() => Autograd.Grad([x * 2], [x]))).Should().Throw<ArgumentException>().WithMessage("*not a scalar*");
        ((Action)(() => Autograd.Grad([x * 2], [x], [ones(3)]))).Should().Throw<ArgumentException>()
            .WithMessage("*vector ([3] in*");
        ((Action)(() => Autograd.Grad([x * 2], [x], [ones(2, float64)]))).Should().Throw<ArgumentException>()
            .WithMessage("*Float64*");
        ((Action)(() => Autograd.Grad([x.sum()], [ones(2)]))).Should().Throw<InvalidOperationException>();

        var freed = x.pow(2).sum();
        freed.backward();
        ((Action)(() => Autograd.Grad([freed], [x]))).Should().Throw<InvalidOperationException>("the graph has been freed");

        var y = x.clone();
        var z = y.pow(2).sum();
        y.add_(1);
        foreach (var createGraph in new[] { false, true })
            ((Action)(() => Autograd.Grad([z], [x], createGraph: createGraph)))
                .Should().Throw<InvalidOperationException>("y was changed in place").WithMessage("*in place*");
    }

    [Fact]
    public void An_operation_without_a_second_derivative_is_one_sentence_that_names_it()
    {
        using var scope = NewDisposeScope();
        var image = randn(1, 1, 4, 4).requires_grad_();
        var grid = rand(1, 3, 3, 2).requires_grad_();
        var sampled = nn.functional.grid_sample(image, grid);

        var first = Autograd.Grad([sampled.square().sum()], [image], createGraph: true)[0]!;

        ((Action)(() => Autograd.Grad([first.sum()], [image]))).Should().Throw<LocalHessian.SecondDerivativeException>()
            .WithMessage("*grid_sampler_2d_backward has no second derivative*").Which.Message.Should().NotContain("\n");
    }

    [CpuFact]
    public void Attention_recorded_in_the_scope_can_be_differentiated_twice_and_the_setting_is_put_back()
    {
        using var scope = NewDisposeScope();
        var x = randn(1, 2, 3, 4).requires_grad_();
        Tensor Attend() => nn.functional.scaled_dot_product_attention(x, x, x).square().sum();
        var flash = backends.cuda.flash_sdp_enabled();

        Tensor first;
        using (new SecondDerivativeScope()) first = Autograd.Grad([Attend()], [x], createGraph: true)[0]!;

        Autograd.Grad([first.sum()], [x])[0].Should().NotBeNull();
        backends.cuda.flash_sdp_enabled().Should().Be(flash);
        var without = Autograd.Grad([Attend()], [x], createGraph: true)[0]!;
        ((Action)(() => Autograd.Grad([without.sum()], [x]))).Should().Throw<LocalHessian.SecondDerivativeException>();
    }
}
