using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>Layers that K-FAC does not fit are refused by name; progress rises; nothing is left behind.</summary>
public class KroneckerFaultTests
{
    [Fact]
    public void Layers_that_do_not_fit_are_refused_by_name()
    {
        var shared = Linear(4, 4);
        Refused(Sequential(("first", Linear(4, 4)), ("norm", LayerNorm(4)), ("last", Linear(4, 3))), [2, 4],
            "*'norm.weight', 'norm.bias'*Where*");
        Refused(Sequential(("grouped", Conv2d(2, 4, 1, groups: 2)), ("flatten", Flatten()), ("last", Linear(16, 3))),
            [2, 2, 2, 2], "*'grouped.weight'*");
        Refused(Sequential(("up", ConvTranspose2d(2, 4, 1)), ("flatten", Flatten()), ("last", Linear(16, 3))), [2, 2, 2, 2],
            "*'up.weight'*");
        Refused(new Lambda((l, x) => l[1].call(l[0].call(l[0].call(x))), ("shared", shared), ("head", Linear(4, 3))), [2, 4],
            "*'shared'*several times*");
        var functional = Linear(4, 3);
        Refused(new Lambda((l, x) => nn.functional.linear(x, functional.weight), ("hidden", functional)), [2, 4],
            "*'hidden'*through call()*");

        static void Refused(Module<Tensor, Tensor> net, long[] shape, string message)
        {
            using var scope = NewDisposeScope();
            using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy,
                CurvatureData.Batch(randn(shape), zeros(2, int64)));
            curvature.Invoking(c => c.Kfac()).Should().Throw<NotSupportedException>().WithMessage(message);
            net.Dispose();
        }
    }

    [Fact]
    public void What_fits_can_be_chosen_and_coupling_and_missing_likelihood_are_refused()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(("first", Linear(4, 4)), ("norm", BatchNorm1d(4)), ("last", Linear(4, 3)));
        var data = CurvatureData.Batch(randn(5, 4), zeros(5, int64));
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, data,
            new() { Where = name => !name.StartsWith("norm", StringComparison.Ordinal) });
        curvature.Invoking(c => c.Kfac()).Should().Throw<InvalidOperationException>().WithMessage("*K-FAC*'norm'*eval()*");
        net.eval();
        using var kfac = curvature.Kfac();
        kfac.Size.Should().Be(35);
        using var biases = curvature.Restrict(name => name.EndsWith("bias", StringComparison.Ordinal));
        biases.Kfac().ToDense().shape.Should().Equal(7, 7);

        using var custom = new NetworkCurvature(net, CurvatureLoss.Of((f, y) => f.square().mean()), data,
            new() { Parameters = ["first"] });
        custom.Invoking(c => c.Kfac()).Should().Throw<NotSupportedException>().WithMessage("*likelihood*");
        custom.Kfac(new() { Fisher = KroneckerFisher.Empirical }).Dispose();
    }

    [Fact]
    public void Progress_rises_to_one_cancellation_stops_and_no_tensor_is_left()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(Linear(4, 4), Tanh(), Linear(4, 3));
        var batches = CurvatureCases.Split(randn(6, 4), randint(0, 3, 6, int64), 2, 2, 2);
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.From(batches));
        var v = ones(35);
        var seen = new List<double>();
        curvature.Ekfac(progress: new Sink(p => seen.Add(p.Fraction))).Dispose();
        seen.Should().BeInAscendingOrder().And.HaveCountGreaterThan(4);
        seen[^1].Should().Be(1);

        Use();
        Cancel();
        var before = LiveTensors.Count();
        for (var i = 0; i < 3; i++) Use();
        LiveTensors.Count().Should().Be(before);
        for (var i = 0; i < 3; i++) Cancel();
        LiveTensors.Count().Should().Be(before);

        void Use()
        {
            using var ekfac = curvature.Ekfac();
            using var inverse = ekfac.Inverse(0.1);
            inverse.Apply(v).Dispose();
            var (a, s) = ekfac.Factors("0");
            a.Dispose();
            s.Dispose();
            ekfac.LogDeterminant(1);
        }

        void Cancel()
        {
            using var cancelled = new CancellationTokenSource();
            curvature.Invoking(c => c.Ekfac(progress: new Sink(p => { if (p.Fraction > 0.6) cancelled.Cancel(); }),
                cancellationToken: cancelled.Token))
                .Should().Throw<OperationCanceledException>();
        }
    }

    [Fact]
    public void A_disposed_operator_says_so_and_hooks_are_gone_after_errors()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(Linear(4, 4), Linear(4, 3));
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy,
            CurvatureData.Batch(randn(2, 4), zeros(2, int64)));
        var kfac = curvature.Kfac();
        var inverse = kfac.Inverse(1);
        kfac.Dispose();
        kfac.Invoking(k => k.Trace()).Should().Throw<ObjectDisposedException>();
        inverse.Invoking(i => i.Apply(ones(35))).Should().Throw<ObjectDisposedException>();
        var x = randn(2, 4);
        net.call(x).Equals(nn.functional.linear(nn.functional.linear(x, net.get_parameter("0.weight")!,
            net.get_parameter("0.bias")), net.get_parameter("1.weight")!, net.get_parameter("1.bias"))).Should().BeTrue();
    }

    internal sealed class Sink(Action<OperationProgress> report) : IProgress<OperationProgress>
    {
        public void Report(OperationProgress value) => report(value);
    }
}
