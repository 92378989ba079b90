using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>Every fault is a typed error with its reason, and nothing is left behind.</summary>
public class CurvatureFaultTests
{
    [Fact]
    public void Per_sample_quantities_are_refused_while_batch_norm_takes_the_batchs_statistics()
    {
        using var net = Sequential(("first", Linear(4, 5)), ("norm", BatchNorm1d(5)), ("last", Linear(5, 3)));
        using var curvature = Curvature(net, randn(6, 4), randint(0, 3, 6, int64));
        foreach (var make in new Func<SymmetricOperator>[] { () => curvature.EmpiricalFisher(), () =>
            curvature.GradientCovariance() })
            make.Should().Throw<InvalidOperationException>().WithMessage("*'norm'*no gradient of its own*eval()*");
        net.eval();
        curvature.EmpiricalFisher().Dispose();
    }

    [Fact]
    public void A_loss_without_likelihood_has_no_Fisher_matrix()
    {
        using var net = Linear(4, 3);
        using var curvature = new NetworkCurvature(net, CurvatureLoss.Of((f, y) => f.sum()),
            CurvatureData.Batch(randn(2, 4), randn(2, 3)));
        curvature.Invoking(c => c.Fisher()).Should().Throw<NotSupportedException>().WithMessage("*likelihood*");
        curvature.Invoking(c => c.MonteCarloFisher()).Should().Throw<NotSupportedException>();
        using var scope = NewDisposeScope();
        curvature.Hessian().ToDense().abs().max().item<float>().Should().Be(0, "the loss is linear");
        curvature.GaussNewton().ToDense().abs().max().item<float>().Should().Be(0);
    }

    [Fact]
    public void Targets_outputs_and_losses_that_do_not_fit_are_named()
    {
        using var scope = NewDisposeScope();
        using var net = Linear(4, 3);
        var x = randn(6, 4);
        Refused(CurvatureLoss.CrossEntropy, x, randn(6, 3), "*Int64*[6, 3]*");
        Refused(CurvatureLoss.CrossEntropy, x, full(6, 3, int64), "*from 0 to 2*");
        Refused(CurvatureLoss.CrossEntropy, x, full(6, -100, int64), "*left out*");
        Refused(CurvatureLoss.SquaredError, x, randn(6, 1), "*[6, 3]*[6, 1]*");
        Refused(CurvatureLoss.SquaredError, x, randn(6, 3, float64), "*Float64*");
        Refused(CurvatureLoss.Of((f, y) => f - y), x, randn(6, 3), "*[6, 3]*scalar*");
        Refused(CurvatureLoss.SquaredError, x / 0, randn(6, 3), "*output*NaN*");
        Refused(CurvatureLoss.Of((f, y) => f.sum() / 0), x, randn(6, 3), "*loss is NaN*");

        void Refused(CurvatureLoss loss, Tensor input, Tensor target, string message)
        {
            using var curvature = new NetworkCurvature(net, loss, CurvatureData.Batch(input, target));
            curvature.Invoking(c => c.Hessian().Apply(ones(15))).Should().Throw<ArgumentException>().WithMessage(message);
        }
    }

    [Fact]
    public void An_operation_without_a_second_derivative_is_one_sentence()
    {
        using var scope = NewDisposeScope();
        using var net = new Lambda((l, x) =>
            functional.grid_sample(l[0].call(x).unsqueeze(1), zeros(2, 1, 3, 2)).flatten(1), ("a", Conv1d(1, 3, 3, padding: 1)));
        using var curvature = new NetworkCurvature(net, CurvatureLoss.SquaredError,
            CurvatureData.Batch(randn(2, 1, 5), randn(2, 3)));
        curvature.GradientNorm().Should().BePositive();
        curvature.Invoking(c => c.Hessian().Apply(ones(c.Size)))
            .Should().Throw<SecondDerivativeException>().Which.Message.Should().NotContain("frame");
    }

    [Fact]
    public void Weights_that_have_changed_since_a_single_batch_was_recorded_are_noticed()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(Linear(4, 5), Tanh(), Linear(5, 3));
        using var curvature = Curvature(net, randn(6, 4), randint(0, 3, 6, int64));
        using var hessian = curvature.Hessian();
        hessian.Apply(ones(hessian.Size));
        using (no_grad())
            foreach (var p in net.parameters()) p.mul_(2);
        hessian.Invoking(h => h.Apply(ones(h.Size))).Should().Throw<InvalidOperationException>()
            .WithMessage("*changed in place*");
    }

    [Fact]
    public void A_disposed_curvature_and_a_cancelled_product_say_so()
    {
        using var scope = NewDisposeScope();
        using var net = Linear(4, 3);
        var curvature = Curvature(net, randn(6, 4), randint(0, 3, 6, int64));
        using var hessian = curvature.Hessian();
        using var cancelled = new CancellationTokenSource();
        var vectors = randn(15, 3);
        cancelled.Cancel();
        hessian.Invoking(h => h.Apply(vectors, cancelled.Token)).Should().Throw<OperationCanceledException>();
        curvature.Invoking(c => c.Gradient(cancelled.Token)).Should().Throw<OperationCanceledException>();
        curvature.Dispose();
        hessian.Invoking(h => h.Apply(vectors)).Should().Throw<ObjectDisposedException>().WithMessage("*NetworkCurvature*");
        curvature.Invoking(c => c.Loss()).Should().Throw<ObjectDisposedException>();
    }

    [Fact]
    public void A_product_over_batches_stops_between_them()
    {
        using var scope = NewDisposeScope();
        using var net = Linear(4, 3);
        using var source = new CancellationTokenSource();
        var seen = 0;
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.From(Batches()),
            new() { CheckData = false });
        curvature.Invoking(c => c.Hessian().Apply(ones(15), source.Token)).Should().Throw<OperationCanceledException>();
        seen.Should().Be(2);

        IEnumerable<(Tensor, Tensor)> Batches()
        {
            for (var i = 0; i < 5; i++)
            {
                if (++seen == 2) source.Cancel();
                yield return (randn(2, 4), zeros(2, int64));
            }
        }
    }

    [Fact]
    public void No_tensor_is_left_behind_by_success_or_failure()
    {
        using var scope = NewDisposeScope();
        using var net = LocalHessian.Tests.Cases.Networks.InFloat64(Sequential(Linear(4, 5), BatchNorm1d(5), Tanh(),
            Linear(5, 3)));
        net.eval();
        Tensor x = randn(6, 4, float64), y = randint(0, 3, 6, int64), wrong = zeros(6, 2, int64);
        var v = randn(53, float64);
        var list = CurvatureCases.Split(x, y, 4, 2);
        CurvatureData[] datas = [CurvatureData.Batch(x, y), CurvatureData.From(list)];
        Use();
        Fail();
        var before = LiveTensors.Count();
        for (var i = 0; i < 3; i++) Use();
        LiveTensors.Count().Should().Be(before);
        for (var i = 0; i < 3; i++) Fail();
        LiveTensors.Count().Should().Be(before);

        void Use()
        {
            foreach (var data in datas)
            {
                using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, data);
                foreach (var op in new[] { curvature.Hessian(), curvature.GaussNewton(CurvatureBlocks.Layers),
                    curvature.Fisher(), curvature.MonteCarloFisher(), curvature.EmpiricalFisher(),
                    curvature.GradientCovariance() })
                {
                    op.Apply(v).Dispose();
                    op.Apply(v).Dispose();
                    op.Dispose();
                }

                curvature.Loss();
                curvature.GradientNorm();
                using var restricted = curvature.Restrict("0");
                restricted.Gradient().Dispose();
            }
        }

        void Fail()
        {
            var count = 0;
            using var thrown = new NetworkCurvature(net, CurvatureLoss.Of((f, t) => ++count % 2 == 0
                ? throw new InvalidDataException("on purpose") : f.square().sum()), datas[1]);
            thrown.Invoking(c => c.Hessian().Apply(v)).Should().Throw<InvalidDataException>();
            using var unfit = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, wrong));
            unfit.Invoking(c => c.GradientCovariance().Apply(v)).Should().Throw<ArgumentException>();
            using var cancelled = new CancellationTokenSource();
            using var half = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, datas[1],
                new() { Forward = i => { cancelled.Cancel(); return net.call(i[0]); } });
            half.Invoking(c => c.MonteCarloFisher().Apply(v, cancelled.Token)).Should().Throw<OperationCanceledException>();
        }
    }

    private static NetworkCurvature Curvature(Module<Tensor, Tensor> net, Tensor x, Tensor y) =>
        new(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y));
}
