using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>Assertions for mistakes that a developer could make with seeds, ownership and what is handed out.</summary>
public class CurvatureMistakeTests
{
    [Fact]
    public void Every_batch_has_masks_of_its_own()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var net = LocalHessian.Tests.Cases.Networks.InFloat64(Sequential(Linear(4, 8), Tanh(), Dropout(0.5), Linear(8, 3)));
        net.train();
        var batch = (Input: randn(5, 4, float64), Target: randn(5, 3, float64));
        using var once = new NetworkCurvature(net, CurvatureLoss.SquaredError, CurvatureData.From([batch]));
        using var twice = new NetworkCurvature(net, CurvatureLoss.SquaredError, CurvatureData.From([batch, batch]));

        twice.Loss().Should().NotBeApproximately(once.Loss(), 1e-6);
        Dense.Distance(twice.Gradient(), once.Gradient()).Should().BeGreaterThan(1e-3);
        KroneckerOptions exact = new() { Fisher = KroneckerFisher.Exact };
        Dense.Distance(twice.Kfac(exact).ToDense(), once.Kfac(exact).ToDense()).Should().BeGreaterThan(1e-3);
    }

    [Fact]
    public void Every_batch_draws_targets_of_its_own_and_every_draw_its_own()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var net = LocalHessian.Tests.Cases.Networks.InFloat64(Sequential(Linear(4, 3)));
        var batch = (Input: randn(5, 4, float64), Target: randn(5, 3, float64));
        using var once = new NetworkCurvature(net, CurvatureLoss.SquaredError, CurvatureData.From([batch]));
        using var twice = new NetworkCurvature(net, CurvatureLoss.SquaredError, CurvatureData.From([batch, batch]));
        foreach (var matrix in new Func<NetworkCurvature, int, SymmetricOperator>[]
            { (c, draws) => c.MonteCarloFisher(draws, 3), (c, draws) => c.Kfac(new() { Draws = draws, Seed = 3 }) })
        {
            var single = matrix(once, 1).ToDense();
            Dense.Distance(matrix(twice, 1).ToDense(), single).Should().BeGreaterThan(1e-3);
            Dense.Distance(matrix(once, 2).ToDense(), single).Should().BeGreaterThan(1e-3);
        }
    }

    [Fact]
    public void Factors_are_the_callers_own_and_a_disposed_inverse_leaves_the_operator()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        using var net = Sequential(Linear(4, 3));
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(randn(6, 4), randint(0,
            3, 6, int64)));
        using var kfac = curvature.Kfac();
        var before = kfac.ToDense();
        var (inputs, outputs) = kfac.Factors("0");
        inputs.shape.Should().Equal(5, 5);
        outputs.shape.Should().Equal(3, 3);

        inputs.zero_();
        outputs.zero_();
        kfac.Inverse(1).Dispose();

        kfac.ToDense().Equals(before).Should().BeTrue();
    }

    [Fact]
    public void A_loader_may_dispose_what_it_gave_once_the_batch_is_over_and_work_in_place_on_what_it_keeps()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using var net = Sequential(Linear(4, 3));
        Tensor x = randn(6, 4), y = randint(0, 3, 6, int64);
        using var kept = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y));
        var expected = kept.Gradient();
        var alias = y.alias();
        using var alone = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, alias));
        var first = alone.EmpiricalFisher();
        first.Apply(ones(15));
        alias.Dispose();

        alone.Gradient().Equals(expected).Should().BeTrue("what is recorded is the curvature's own");
    }

    [Fact]
    public void Data_are_enumerated_twice_for_the_check_and_once_a_pass_and_must_not_grow_or_shrink()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(Linear(4, 3));
        List<(Tensor, Tensor)> batches = [.. Enumerable.Range(0, 3).Select(_ => (randn(2, 4), zeros(2, int64)))];
        var enumerations = 0;
        int[] lengths = [2, 2, 2, 2];
        using var curvature = Of(true);
        curvature.Gradient();
        curvature.Loss();
        enumerations.Should().Be(4);

        foreach (var other in new[] { 1, 3 })
        {
            (enumerations, lengths) = (0, [2, other]);
            using var unchecked_ = Of(false);
            unchecked_.Loss();
            unchecked_.Invoking(c => c.Loss()).Should().Throw<UnrepeatableDataException>()
                .WithMessage($"*4 samples*{2 * other} in this*");
        }

        NetworkCurvature Of(bool check) =>
            new(net, CurvatureLoss.CrossEntropy, CurvatureData.From(Enumerated()), new() { CheckData = check });

        IEnumerable<(Tensor, Tensor)> Enumerated()
        {
            foreach (var batch in batches.Take(lengths[enumerations++])) yield return batch;
        }
    }

    [Fact]
    public void A_restriction_leaves_all_parameters_trainable()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(Linear(4, 3), Linear(3, 3));
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(randn(2, 4), zeros(2,
            int64)));
        using var last = curvature.Restrict("1");
        last.Gradient();
        last.Kfac().Dispose();

        net.parameters().Should().OnlyContain(p => p.requires_grad);
    }

    [Fact]
    public void A_batch_norm_without_running_statistics_couples_samples_also_in_evaluation_mode()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(Linear(4, 3), BatchNorm1d(3, track_running_stats: false));
        net.eval();
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(randn(5, 4), zeros(5,
            int64)));
        foreach (var use in new Func<NetworkCurvature, object>[] { c => c.EmpiricalFisher(), c => c.GradientCovariance(),
            c => c.Kfac() })
            curvature.Invoking(c => use(c)).Should().Throw<InvalidOperationException>().WithMessage("*batch norm '1'*");
    }

    [Fact]
    public void A_network_that_works_in_place_on_its_input_leaves_the_data()
    {
        using var scope = NewDisposeScope();
        using var net = Sequential(ReLU(inplace: true), Linear(4, 3));
        Tensor x = randn(6, 4), before = x.clone();
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, zeros(6, int64)));
        curvature.Gradient();
        using var kfac = curvature.Kfac();

        x.Equals(before).Should().BeTrue();
    }
}
