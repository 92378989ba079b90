using static TorchSharp.torch;

namespace LocalHessian.Tests.Curvature;

/// <summary>Every operator is the dense matrix of plain differentiation, for networks, losses, modes and batch splits.</summary>
public class CurvatureMatrixTests
{
    private const double Tolerance = 1e-10;
    private static readonly long[][] Splits = [[7], [3, 3, 1], [5, 2]];

    public static TheoryData<CurvatureNetwork, LossCase, bool> Cases => CurvatureCases.Cases();

    [Theory]
    [MemberData(nameof(Cases))]
    public void Hessian_and_Gauss_Newton_are_those_of_plain_differentiation_whatever_the_batches(CurvatureNetwork network,
        LossCase loss, bool training)
    {
        using var scope = NewDisposeScope();
        using var net = network.Make(training);
        var leaves = net.parameters().ToArray();
        Tensor x = network.Inputs(7), y = loss.Targets(7);
        foreach (var split in training ? [[7], [4, 3]] : Splits)
        {
            var batches = CurvatureCases.Split(x, y, split);
            using var curvature = new NetworkCurvature(net, loss.Loss, CurvatureData.From(batches));

            var expected = Dense.OverBatches(batches, (a, b) => Dense.Hessian(loss.Sum(net.call(a), b), leaves));
            Dense.Distance(curvature.Hessian().ToDense(), expected).Should().BeLessThan(Tolerance);
            var gaussNewton = Dense.OverBatches(batches, (a, b) => Dense.GaussNewton(net, loss, a, b, leaves));
            Dense.Distance(curvature.GaussNewton().ToDense(), gaussNewton).Should().BeLessThan(Tolerance);
            if (loss.IsLikelihood)
                Dense.Distance(curvature.Fisher().ToDense(), gaussNewton).Should()
                    .BeLessThan(Tolerance, "type I equals Gauss-Newton");

            var objective = batches.Select(b => loss.Sum(net.call(b.Input), b.Target)).Aggregate((a, b) => a + b) / 7;
            curvature.Loss().Should()
                .BeApproximately(objective.item<double>(), 1e-12 * Math.Abs(objective.item<double>()) + 1e-12);
            var gradient = cat(autograd.grad([objective], leaves).Select(g => g.reshape(-1)).ToArray());
            Dense.Distance(curvature.Gradient(), gradient).Should().BeLessThan(Tolerance);
            curvature.GradientNorm().Should().BeApproximately(gradient.norm().item<double>(), 1e-12);
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Empirical_Fisher_and_covariance_are_made_of_the_samples_gradients(CurvatureNetwork network, LossCase loss,
        bool training)
    {
        if (training) return; // there a sample has no gradient of its own: see CurvatureFaultTests
        using var scope = NewDisposeScope();
        using var net = network.Make(training: false);
        var leaves = net.parameters().ToArray();
        Tensor x = network.Inputs(7), y = loss.Targets(7);
        var g = Dense.SampleGradients(net, loss, x, y, leaves);
        var secondMoment = g.t().mm(g) / 7;
        var mean = g.mean([0]);
        foreach (var split in Splits)
        {
            var data = CurvatureData.From(CurvatureCases.Split(x, y, split));
            using var curvature = new NetworkCurvature(net, loss.Loss, data);
            Dense.Distance(curvature.EmpiricalFisher().ToDense(), secondMoment).Should().BeLessThan(Tolerance);
            Dense.Distance(curvature.GradientCovariance().ToDense(), secondMoment - mean.outer(mean)).Should()
                .BeLessThan(Tolerance);
            using var sum = new NetworkCurvature(net, loss.Loss, data, new() { Reduction = CurvatureReduction.Sum });
            Dense.Distance(sum.GradientCovariance().ToDense(), 7 * (secondMoment - mean.outer(mean))).Should()
                .BeLessThan(Tolerance);
        }
    }

    [Fact]
    public void A_sum_is_N_times_the_mean()
    {
        using var scope = NewDisposeScope();
        var network = CurvatureCases.Networks[0];
        using var net = network.Make(training: false);
        var data = CurvatureData.From(CurvatureCases.Split(network.Inputs(5), CurvatureCases.Losses[1].Targets(5), 2, 3));
        using var mean = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, data);
        using var sum = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, data, new() { Reduction = CurvatureReduction.Sum });

        sum.Loss().Should().BeApproximately(5 * mean.Loss(), 1e-12);
        Dense.Distance(sum.Gradient(), 5 * mean.Gradient()).Should().BeLessThan(1e-12);
        Dense.Distance(sum.Hessian().ToDense(), 5 * mean.Hessian().ToDense()).Should().BeLessThan(1e-12);
    }

    public static TheoryData<LossCase> Likelihoods => new(CurvatureCases.Losses.Where(l => l.IsLikelihood));

    [Theory]
    [MemberData(nameof(Likelihoods))]
    public void The_sampled_Fisher_is_unbiased_and_does_not_depend_on_the_batches(LossCase loss)
    {
        using var scope = NewDisposeScope();
        var network = CurvatureCases.Networks[0];
        using var net = network.Make(training: false);
        Tensor x = network.Inputs(40), y = loss.Targets(40);
        using var whole = new NetworkCurvature(net, loss.Loss, CurvatureData.Batch(x, y));
        using var parts = new NetworkCurvature(net, loss.Loss, CurvatureData.From(CurvatureCases.Split(x, y, 13, 13, 14)));
        using var exact = whole.Fisher();
        var v = randn(whole.Size, float64);
        var expected = v.dot(exact.Apply(v)).item<double>();

        var samples = Enumerable.Range(0, 60).Select(seed =>
        {
            using var fisher = whole.MonteCarloFisher(draws: 3, seed);
            return v.dot(fisher.Apply(v)).item<double>();
        }).ToArray();

        var error = Math.Sqrt(samples.Sum(s => Math.Pow(s - samples.Average(), 2)) / (samples.Length - 1) / samples.Length);
        samples.Average().Should().BeApproximately(expected, 3 * error);
        error.Should().BePositive("targets are drawn").And.BeLessThan(expected / 5);
        Dense.Distance(parts.MonteCarloFisher(2, 5).Apply(v), whole.MonteCarloFisher(2, 5).Apply(v)).Should().BeLessThan(1e-12);
    }

    [Fact]
    public void Cross_entropy_over_positions_sums_them()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var net = LocalHessian.Tests.Cases.Networks.InFloat64(nn.Conv1d(2, 3, 2));
        Tensor x = randn(3, 2, 5, float64), y = randint(0, 3, [3, 4], int64);
        var loss = new LossCase("", CurvatureLoss.CrossEntropy, _ => y, (f, t) =>
            nn.functional.cross_entropy(f, t, reduction: nn.Reduction.Sum));
        var leaves = net.parameters().ToArray();
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y));

        var expected = Dense.GaussNewton(net, loss, x, y, leaves) / 3;
        Dense.Distance(curvature.GaussNewton().ToDense(), expected).Should().BeLessThan(Tolerance);
        Dense.Distance(curvature.Fisher().ToDense(), expected).Should().BeLessThan(Tolerance);
        curvature.Invoking(c => c.MonteCarloFisher(4).Apply(randn(c.Size, float64))).Should().NotThrow();
    }

}
