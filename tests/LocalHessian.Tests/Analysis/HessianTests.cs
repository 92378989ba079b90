using LocalHessian.Blocks;
using LocalHessian.Spectra;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Analysis;

/// <summary>For every block of the table: closed form = differentiation = finite difference, and what follows.</summary>
public class HessianTests
{
    private static readonly HessianOptions GaussNewton = HessianOptions.GaussNewton;
    private static readonly HessianOptions Differentiated = new()
    {
        Part = HessianPart.GaussNewton,
        Method = HessianMethod.Differentiation
    };

    public static TheoryData<BlockCase> Cases => BlockCases.Cases;

    [Theory, MemberData(nameof(Cases))]
    public void A_closed_form_equals_differentiation_and_is_used_where_there_is_one(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, change) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input, change);

        loss.ForInput().Method(GaussNewton).Should()
            .Be(item.InputForm ? HessianMethod.ClosedForm : HessianMethod.Differentiation);
        loss.ForWeight().Method(GaussNewton).Should()
            .Be(item.WeightForm ? HessianMethod.ClosedForm : HessianMethod.Differentiation);
        ShouldBe(loss.ForInput().Hessian(GaussNewton), loss.ForInput().Hessian(Differentiated));
        ShouldBe(loss.ForInput(1).Hessian(GaussNewton), loss.ForInput(1).Hessian(Differentiated));
        ShouldBe(loss.ForWeight().Hessian(GaussNewton), loss.ForWeight().Hessian(Differentiated));
        if (loss.Weights.Count == 1) ShouldBe(loss.ForWeight(1).Hessian(GaussNewton), loss.ForWeight(1).Hessian(Differentiated));
        foreach (var part in new[] { HessianPart.Full, HessianPart.Residual })
        {
            ShouldBe(loss.ForInput().Hessian(new() { Part = part }), loss.ForInput()
                .Hessian(new() { Part = part, Method = HessianMethod.Differentiation }));
            ShouldBe(loss.ForWeight().Hessian(new() { Part = part }), loss.ForWeight()
                .Hessian(new() { Part = part, Method = HessianMethod.Differentiation }));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Every_part_equals_its_finite_difference(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, change) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input, change);
        // All of it before the differences move the weights and back, which a recorded graph does not forgive.
        var parts = new[] { GaussNewton, HessianOptions.Residual, new HessianOptions() };
        var input3 = parts.Select(p => loss.ForInput().Hessian(p)).ToArray();
        var weight3 = parts.Select(p => loss.ForWeight().Hessian(p)).ToArray();

        ShouldBeParts(input3, FiniteDifferences.Jacobian(block, input, [input]),
            FiniteDifferences.Hessian(block, input, change, [input]));
        ShouldBeParts(weight3, FiniteDifferences.Jacobian(block, input, loss.Weights),
            FiniteDifferences.Hessian(block, input, change, loss.Weights));

        static void ShouldBeParts(Tensor[] parts, Tensor a, Tensor full)
        {
            ShouldBe(parts[0], a.t().mm(a), 1e-6);
            ShouldBe(parts[1], full - a.t().mm(a), 1e-6);
            ShouldBe(parts[2], full, 1e-6);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Symmetric_and_the_Gauss_Newton_part_positive_semidefinite(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, change) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input, change);

        SymmetricMatrix.ThrowUnlessSymmetric(loss.ForInput().Hessian());
        SymmetricMatrix.ThrowUnlessSymmetric(loss.ForWeight().Hessian());
        foreach (var h in new[] { loss.ForInput().Hessian(GaussNewton), loss.ForWeight().Hessian(GaussNewton), loss.ForInput()
            .Hessian(Differentiated), loss.ForWeight().Hessian(Differentiated) })
        {
            var eigenvalues = SymmetricMatrix.Eigenvalues(h);
            eigenvalues[0].Should().BeGreaterThan(-1e-13 * h.shape[0] * eigenvalues[^1]);
            eigenvalues.Sum().Should().BeApproximately(h.diagonal().sum().item<double>(), 1e-11 * eigenvalues[^1]);
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void An_operator_times_the_identity_is_the_dense_matrix(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, change) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input, change);
        foreach (var part in Enum.GetValues<HessianPart>())
        {
            var options = new HessianOptions { Part = part, Batch = BatchReduction.Mean };
            using var z = loss.ForInput().Operator(options);
            using var one = loss.ForInput(1).Operator(options);
            using var w = loss.ForWeight().Operator(options);
            var whole = z.Apply(eye(z.Size, dtype: float64));
            ShouldBe(whole, loss.ForInput().Hessian(new() { Part = part }) / loss.Samples);
            ShouldBe(w.ToDense(), loss.ForWeight().Hessian(options));
            var d = one.Size;
            ShouldBe(one.ToDense(), whole.narrow(0, d, d).narrow(1, d, d));
        }
    }

    [Theory, MemberData(nameof(Cases))]
    public void Samples_interact_through_batch_statistics_only(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, _) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input);
        var d = input.numel() / input.shape[0];
        var across = loss.ForInput().Hessian(GaussNewton).narrow(0, 0, d).narrow(1, d, d).abs().max().item<double>();
        if (item.Couples) across.Should().BeGreaterThan(1e-4);
        else across.Should().Be(0);
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_whole_is_the_sum_of_its_parts_and_without_change_there_is_no_residual(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, change) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input, change);
        using var still = BackMatchingLoss.Of(block, input);
        ShouldBe(loss.ForInput().Hessian(), loss.ForInput().Hessian(GaussNewton) + loss.ForInput()
            .Hessian(HessianOptions.Residual));
        ShouldBe(loss.ForWeight().Hessian(), loss.ForWeight().Hessian(GaussNewton) + loss.ForWeight()
            .Hessian(HessianOptions.Residual));
        ShouldBe(still.ForInput().Hessian(), loss.ForInput().Hessian(GaussNewton));
        still.ForWeight().Hessian(HessianOptions.Residual).abs().max().item<double>().Should().Be(0);
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_gradient_is_minus_the_transposed_Jacobian_times_the_change(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, change) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input, change);
        var gradients = (loss.ForInput().Gradient(), loss.ForWeight().Gradient());
        loss.Value.Should().BeApproximately(change.square().sum().item<double>() / 2, 1e-12);
        ShouldBe(gradients.Item1.reshape(-1), -FiniteDifferences.Jacobian(block, input, [input]).t().mv(change.reshape(-1)),
            1e-8);
        ShouldBe(gradients.Item2, -FiniteDifferences.Jacobian(block, input, loss.Weights).t().mv(change.reshape(-1)), 1e-8);
    }

    [Theory, MemberData(nameof(Cases))]
    public void The_residual_part_is_what_the_Hessian_of_J_has_beyond_the_Hessian_at_the_output(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, _) = item.Make();
        static Tensor J(Tensor z) => z.exp().mean() + z.square().sum().sin();
        using var top = BackMatchingLoss.OfTrainingLoss(block, input, J);
        using var output = BackMatchingLoss.OfTrainingLoss(nn.Identity(), top.Output, J);
        // Δ_b = −∂J/∂z_b
        using var loss = BackMatchingLoss.Of(block, input, -output.ForInput().Gradient().reshape(output.Input.shape));

        var a = FiniteDifferences.Jacobian(block, input, [input]);
        ShouldBe(loss.ForInput().Hessian(HessianOptions.Residual), top.ForInput()
            .Hessian() - a.t().mm(output.ForInput().Hessian()).mm(a), 1e-7);
    }

    public static TheoryData<BlockCase> Invariant => new(BlockCases.All.Where(c => c.Invariant));

    [Theory, MemberData(nameof(Invariant))]
    public void After_batch_norm_moving_along_w_changes_nothing_and_eq_18_does_not_know_it(BlockCase item)
    {
        using var scope = NewDisposeScope();
        var (block, input, _) = item.Make();
        using var loss = BackMatchingLoss.Of(block, input);
        var weight = loss.Weights[0];
        for (long channel = 0; channel < weight.shape[0]; channel++)
        {
            var w = weight[channel].detach().reshape(-1);
            var approximate = loss.ForWeight(channel).Approximation();
            (loss.ForWeight(channel).Hessian().mv(w).norm() / approximate.mv(w).norm()).item<double>().Should().BeLessThan(1e-13);
        }
    }

    [Fact]
    public void Eq_17_is_the_exact_matrix_of_a_sample_in_a_large_batch_and_eq_18_is_not()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var block = Networks.InFloat64(nn.Sequential(nn.Linear(6, 5), nn.BatchNorm1d(5, eps: 0, affine: false)));
        using var loss = BackMatchingLoss.Of(block, 1 + randn(1000, 6, float64));
        var exact = loss.ForInput(0).Hessian();
        ((loss.ForInput(0).Approximation() - exact).norm() / exact.norm()).item<double>().Should().BeInRange(1e-5, 0.05);
        var weight = loss.ForWeight(0).Hessian();
        ((loss.ForWeight(0).Approximation() - weight).norm() / weight.norm()).item<double>().Should().BeGreaterThan(1);
    }

    [Fact]
    public void In_evaluation_mode_both_approximations_are_exact()
    {
        using var scope = NewDisposeScope();
        var (block, input, _) = BlockCases.All.Single(c => c.Name == "convolution, batch norm evaluating").Make();
        using var loss = BackMatchingLoss.Of(block, input);
        ShouldBe(loss.ForInput(0).Approximation(), loss.ForInput(0).Hessian(Differentiated));
        ShouldBe(loss.ForWeight(1).Approximation(), loss.ForWeight(1).Hessian(Differentiated));
    }

    [Fact]
    public void A_constant_channel_without_epsilon_has_the_finite_Hessians_that_differentiation_gives()
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        using var layer = Networks.InFloat64(nn.Linear(3, 3, hasBias: false));
        using (no_grad()) layer.weight.copy_(eye(3, dtype: float64));
        using var block = nn.Sequential(layer, Networks.InFloat64(nn.BatchNorm1d(3, eps: 0, affine: false)));
        block.train();
        var input = randn(5, 3, float64);
        input.select(1, 1).fill_(0.5);
        using var loss = BackMatchingLoss.Of(block, input);

        loss.ForInput().Method(GaussNewton).Should().Be(HessianMethod.ClosedForm);
        ShouldBe(loss.ForInput().Hessian(GaussNewton), loss.ForInput().Hessian(Differentiated));
        ShouldBe(loss.ForInput(2).Hessian(GaussNewton), loss.ForInput(2).Hessian(Differentiated));
        ShouldBe(loss.ForWeight().Hessian(GaussNewton), loss.ForWeight().Hessian(Differentiated));
    }

    internal static void ShouldBe(Tensor actual, Tensor expected, double tolerance = 1e-12)
    {
        actual.shape.Should().Equal(expected.shape);
        var scale = Math.Max(1, expected.abs().max().item<double>());
        (actual - expected).abs().max().item<double>().Should().BeLessThan(tolerance * scale);
    }
}
