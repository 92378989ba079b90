using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Analysis;

/// <summary>How efficiently a gradient step passes the signal, and what skip connections do to the condition.</summary>
public class EfficiencyTests
{
    [Theory, MemberData(nameof(BlockCases.Cases), MemberType = typeof(BlockCases))]
    public void Reductions_are_those_of_the_quadratic_model_and_its_best_step_the_pseudo_inverse(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, change) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input, change);
        foreach (var (h, g, e) in new[]
        {
            (loss.ForInput().Hessian(HessianOptions.GaussNewton), loss.ForInput().Gradient().reshape(-1), loss.ForInput()
                .Efficiency(0.3, 1e-10, 1000)),
            (loss.ForWeight().Hessian(HessianOptions.GaussNewton), loss.ForWeight().Gradient(), loss.ForWeight()
                .Efficiency(0.3, 1e-10, 1000)),
        })
        {
            var (gg, ghg) = (g.dot(g).item<double>(), g.dot(h.mv(g)).item<double>());
            var (values, vectors) = linalg.eigh(h);
            var kept = values > 1e-14 * values[-1];
            var best = (vectors.t().mv(g).square()[kept] / values[kept]).sum().item<double>() / 2;
            e.Converged.Should().BeTrue();
            e.StepReduction.Should().BeApproximately(0.3 * gg - 0.045 * ghg, 1e-9 * (gg + ghg));
            e.LineSearchReduction.Should().BeApproximately(gg * gg / ghg / 2, 1e-9 * gg);
            e.BestReduction.Should().BeApproximately(best, 1e-5 * best,
                "eigenvalues down to 1e-9 of the largest take part, and the residual stops at 1e-10");
            e.LineSearch.Should().BeInRange(0, 1 + 1e-9);
            e.Reachable.Should().BeInRange(0, 1 + 1e-9);
        }
    }

    [Fact]
    public void An_orthogonal_weight_passes_the_signal_whole_in_the_unit_step_that_back_propagation_takes()
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        using var block = Networks.InFloat64(Linear(6, 6, hasBias: false));
        using (no_grad()) block.weight.copy_(linalg.qr(randn(6, 6, float64)).Q);
        using var loss = BackMatchingLoss.Of(block, randn(4, 6, float64), randn(4, 6, float64));
        var e = loss.ForInput().Efficiency();
        e.Step.Should().BeApproximately(1, 1e-12);
        e.LineSearch.Should().BeApproximately(1, 1e-12);
        e.Reachable.Should().BeApproximately(1, 1e-12);
        e.Iterations.Should().Be(1);
    }

    [Fact]
    public void No_signal_no_number_and_an_indefinite_J_has_no_best_step()
    {
        using var scope = NewDisposeScope();
        using var block = Networks.InFloat64(Linear(3, 2));
        using var still = BackMatchingLoss.Of(block, randn(4, 3, float64));
        still.ForInput().Efficiency().LineSearch.Should().Be(double.NaN);
        using var saddle = BackMatchingLoss.OfTrainingLoss(block, randn(4, 3, float64), y => -y.square().sum());
        saddle.ForInput().Efficiency().BestReduction.Should().Be(double.PositiveInfinity);
        saddle.ForInput().Efficiency().LineSearch.Should().Be(0);
    }

    [Theory]
    [InlineData(0.1, 0.05, true)]   // (a) σ_max < s
    [InlineData(0.6, 0.39, true)]   // (b) C > (2 − s)/s with σ_max < 1 − s
    [InlineData(0.1, 0.89, false)]  // as printed
    public void Remark_1_holds_under_the_mended_conditions_and_fails_as_printed(double s, double largest, bool holds)
    {
        using var scope = NewDisposeScope();
        manual_seed(10);
        for (var trial = 0; trial < 20; trial++)
        {
            // ∂φ with largest singular value σ and a condition number above the bound that is asked for.
            var condition = holds ? (largest < s ? (1 + s) / (1 - s) : (2 - s) / s) * 1.01 : 0.89 / 0.6;
            var jacobian = holds
                ? Orthogonal().mm(diag(linspace(largest, largest / condition, 4, float64))).mm(Orthogonal().t())
                : diag(tensor(new[] { -0.89, -0.6 }));
            var width = jacobian.shape[0];
            using var plain = Networks.InFloat64(Linear(width, width, hasBias: false));
            using (no_grad()) plain.weight.copy_(jacobian);
            using var skip = new Lambda((l, z) => z + l[0].call(z), ("φ", plain));
            using var without = BackMatchingLoss.Of(plain, ones(1, width, float64));
            using var with = BackMatchingLoss.Of(skip, ones(1, width, float64));
            double Condition(BackMatchingLoss l) =>
                NonZeroSpectrum.OfEigenvalues(SymmetricMatrix.Eigenvalues(l.ForInput().Hessian())).ConditionNumber;

            condition.Should().BeGreaterThan((1 + s) / (1 - s), "this is condition (b) as printed");
            largest.Should().BeLessThan(1 - s + 1e-9, "this is condition (a) as printed");
            Condition(without).Should()
                .BeApproximately(condition * condition, 1e-9 * condition * condition, "the Gauss-Newton matrix squares it");
            if (holds) Condition(with).Should().BeLessThan(Condition(without));
            else Condition(with).Should().BeGreaterThan(Condition(without));
        }
    }

    private static Tensor Orthogonal() => linalg.qr(randn(4, 4, float64)).Q;
}
