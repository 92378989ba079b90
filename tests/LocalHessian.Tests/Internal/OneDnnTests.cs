using LocalHessian.Internal;
using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Internal;

/// <summary>Gradients that libtorch's oneDNN spoils are taken again without it.</summary>
public sealed class OneDnnTests : IDisposable
{
    private readonly bool _before = Threads.OneDnnCanBeSwitched && Threads.UsesOneDnn;

    public OneDnnTests()
    {
        if (Threads.OneDnnCanBeSwitched) Threads.UsesOneDnn = true;
    }

    public void Dispose()
    {
        if (Threads.OneDnnCanBeSwitched) Threads.UsesOneDnn = _before;
    }

    [OneDnnFact]
    public void A_gradient_that_is_NaN_with_oneDNN_alone_is_taken_again_without_it()
    {
        using var scope = NewDisposeScope();
        var (x, log) = (ones(3).requires_grad_(), new List<bool>());

        var gradient = Autograd.Grad([Spoilt.Of(x, log, always: false).sum()], [x])[0]!;

        gradient.Host<float>().Should().Equal(2, 2, 2);
        log.Should().Equal(true, false);
        Threads.UsesOneDnn.Should().BeTrue();
    }

    [OneDnnFact]
    public void What_is_NaN_without_oneDNN_too_stays_so_and_the_switch_is_put_back()
    {
        using var scope = NewDisposeScope();
        var (x, log) = (ones(3).requires_grad_(), new List<bool>());

        Autograd.Grad([Spoilt.Of(x, log, always: true).sum()], [x])[0]!.isnan().all().item<bool>().Should().BeTrue();

        log.Should().Equal(true, false);
        Threads.UsesOneDnn.Should().BeTrue();
    }

    [OneDnnFact]
    public void A_gradient_of_float64_and_one_taken_without_oneDNN_are_what_they_are()
    {
        using var scope = NewDisposeScope();
        var (x, log) = (ones(3, float64).requires_grad_(), new List<bool>());
        Autograd.Grad([Spoilt.Of(x, log, always: false).sum()], [x])[0]!.isnan().all().item<bool>().Should().BeTrue();
        log.Should().Equal(true);

        Threads.UsesOneDnn = false;
        (x, log) = (ones(3).requires_grad_(), []);
        Autograd.Grad([Spoilt.Of(x, log, always: true).sum()], [x])[0]!.isnan().all().item<bool>().Should().BeTrue();
        log.Should().Equal(false);
    }

    [OneDnnFact]
    public void The_switch_is_put_back_after_an_exception()
    {
        ((Action)(() => OneDnn.TryWithout<int>(() => throw new NotSupportedException(), out _))).Should()
            .Throw<NotSupportedException>();

        Threads.UsesOneDnn.Should().BeTrue();
    }

    /// <summary>y = 2x, whose gradient is NaN while oneDNN is on, or always.</summary>
    private sealed class Spoilt : autograd.SingleTensorFunction<Spoilt>
    {
        public override string Name => nameof(Spoilt);

        public static Tensor Of(Tensor x, List<bool> log, bool always) => apply(x, log, always);

        public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
        {
            ctx.save_data("log", vars[1]);
            ctx.save_data("always", vars[2]);
            return (Tensor)vars[0] * 2;
        }

        public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
        {
            var on = Threads.UsesOneDnn;
            ((List<bool>)ctx.get_data("log")).Add(on);
            return [grad_output * (on || (bool)ctx.get_data("always") ? double.NaN : 2), null!, null!];
        }
    }
}
