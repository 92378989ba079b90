using LocalHessian.Tests.Cases;
using TorchSharp;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Curvature;

/// <summary>
/// K-FAC is the matrix itself where theory says so, EKFAC the best diagonal in its basis; both do what a dense matrix does.
/// </summary>
public class KroneckerTests
{
    private static readonly KroneckerOptions Exact = new() { Fisher = KroneckerFisher.Exact };

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void On_a_deep_linear_network_with_squared_error_type_I_is_exact(bool bias)
    {
        using var scope = NewDisposeScope();
        using var net = Make(Sequential(Linear(4, 5, hasBias: bias), Linear(5, 2, hasBias: bias), Linear(2, 3, hasBias: bias)));
        Tensor x = randn(7, 4, float64), y = randn(7, 3, float64);
        using var curvature = new NetworkCurvature(net, CurvatureLoss.SquaredError,
            CurvatureData.From(CurvatureCases.Split(x, y, 4, 3)));
        using var exact = curvature.GaussNewton(CurvatureBlocks.Layers);
        using var kfac = curvature.Kfac(Exact);
        using var ekfac = curvature.Ekfac(Exact);
        kfac.Layers.Should().Equal("0", "1", "2");
        Dense.Distance(kfac.ToDense(), exact.ToDense()).Should().BeLessThan(1e-12);
        Dense.Distance(ekfac.ToDense(), exact.ToDense()).Should().BeLessThan(1e-12);
    }

    public static TheoryData<LossCase> Likelihoods => new(CurvatureCases.Losses.Where(l => l.IsLikelihood));

    [Theory]
    [MemberData(nameof(Likelihoods))]
    public void For_one_sample_every_kind_is_exact(LossCase loss)
    {
        using var scope = NewDisposeScope();
        using var net = Make(Sequential(Linear(4, 5), Tanh(), Linear(5, 3)));
        Tensor x = randn(1, 4, float64), y = loss.Targets(1);
        using var curvature = new NetworkCurvature(net, loss.Loss, CurvatureData.Batch(x, y));
        foreach (var (options, matrix) in new (KroneckerOptions, SymmetricOperator)[]
        {
            (Exact, curvature.Fisher(CurvatureBlocks.Layers)),
            (new() { Draws = 3, Seed = 4 }, curvature.MonteCarloFisher(3, 4, CurvatureBlocks.Layers)),
            (new() { Fisher = KroneckerFisher.Empirical }, curvature.EmpiricalFisher(CurvatureBlocks.Layers)),
        })
        {
            Dense.Distance(curvature.Kfac(options).ToDense(), matrix.ToDense()).Should().BeLessThan(1e-12);
            Dense.Distance(curvature.Ekfac(options).ToDense(), matrix.ToDense()).Should().BeLessThan(1e-12);
        }
    }

    [Fact]
    public void Expand_is_exact_for_one_sample_with_one_position_and_reduce_where_the_outputs_are_averaged()
    {
        using var scope = NewDisposeScope();
        // Linear layers on tokens whose outputs are averaged: the setting in which reduce is exact for a deep linear network.
        using var net = Make(new Lambda((l, z) => l[1].call(l[0].call(z)).mean([1]), ("a", Linear(4, 5)), ("b", Linear(5, 3))));
        Tensor x = randn(6, 3, 4, float64), y = randn(6, 3, float64);
        using var curvature = new NetworkCurvature(net, CurvatureLoss.SquaredError, CurvatureData.Batch(x, y));
        using var exact = curvature.Fisher(CurvatureBlocks.Layers);
        using var reduce = curvature.Kfac(Exact with { Positions = KroneckerPositions.Reduce });
        Dense.Distance(reduce.ToDense(), exact.ToDense()).Should().BeLessThan(1e-12);

        // Each position a sample of its own with its own loss: the setting of expand.
        using var flat = Make(Sequential(Linear(4, 5), Linear(5, 3)));
        using var rows = new NetworkCurvature(
            flat, CurvatureLoss.SquaredError, CurvatureData.Batch(x, randn(18, 3, float64)),
            new() { Forward = inputs => flat.call(inputs[0]).reshape(18, 3) });
        Dense.Distance(rows.Kfac(Exact).ToDense(), rows.Fisher(CurvatureBlocks.Layers).ToDense()).Should().BeLessThan(1e-12);
        rows.Invoking(r => r.Ekfac(Exact)).Should().Throw<NotSupportedException>().WithMessage("*'0' has 6 rows*output has 18*");
    }

    public static TheoryData<string> Layers =>
        new("padding", "stride, dilation", "same", "reflect", "one dimension", "three dimensions", "no bias");

    [Theory]
    [MemberData(nameof(Layers))]
    public void Of_convolutions_the_factors_are_those_of_their_patches_and_EKFAC_has_the_best_diagonal(string kind)
    {
        using var scope = NewDisposeScope();
        Module<Tensor, Tensor> convolution = kind switch
        {
            "padding" => Conv2d(2, 3, 3, padding: 1),
            "stride, dilation" => Conv2d(2, 3, (2, 3), (2, 1), (0, 1), (1, 2)),
            "same" => Conv2d(2, 3, 2, padding: Padding.Same),
            "reflect" => Conv2d(2, 3, 3, padding: 1, padding_mode: PaddingModes.Reflect),
            "one dimension" => Conv1d(2, 3, 3, padding: 1),
            "three dimensions" => Conv3d(2, 3, 2, stride: 2, padding: 1),
            _ => Conv2d(2, 3, 3, bias: false),
        };
        long[] shape = kind switch { "one dimension" => [5, 2, 6], "three dimensions" => [5, 2, 3, 2, 4], _ => [5, 2, 4, 5] };
        using var net = Make(Sequential(("conv", convolution), ("tanh", Tanh()), ("flatten", Flatten())));
        Tensor x = randn(shape, float64), y = zeros_like(net.call(x)).detach();
        using var curvature = new NetworkCurvature(net, CurvatureLoss.SquaredError,
            CurvatureData.From(CurvatureCases.Split(x, y, 3, 2)));
        var options = new KroneckerOptions { Draws = 2, Seed = 3 };
        using var kfac = curvature.Kfac(options);
        using var ekfac = curvature.Ekfac(options);
        var (a, s) = kfac.Factors("conv");

        // The weight's gradient for a cotangent of ones at one position is the patch: A is the second moment of the patches.
        var patches = Patches(convolution, x);
        Dense.Distance(a, patches.t().mm(patches) / patches.shape[0]).Should().BeLessThan(1e-12);

        var basis = kron(linalg.eigh(s).Item2, linalg.eigh(a).Item2);
        var exact = Ordered(curvature.MonteCarloFisher(2, 3, CurvatureBlocks.Layers));
        var best = basis.mm(diag(basis.t().mm(exact).mm(basis).diagonal())).mm(basis.t());
        Dense.Distance(Ordered(ekfac), best).Should().BeLessThan(1e-10);
        Dense.Distance(Ordered(kfac), kron(s, a)).Should().BeLessThan(1e-12);
        (ekfac.ToDense() - curvature.MonteCarloFisher(2, 3, CurvatureBlocks.Layers).ToDense()).norm().item<double>()
            .Should().BeLessThan((kfac.ToDense() - curvature.MonteCarloFisher(2, 3, CurvatureBlocks.Layers)
            .ToDense()).norm().item<double>());

        Tensor Ordered(SymmetricOperator op) =>
            InMatrixOrder(op.ToDense(), s.shape[0], kind == "no bias" ? a.shape[0] : a.shape[0] - 1, kind != "no bias");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Inverse_trace_norm_and_log_determinant_are_those_of_the_dense_matrix(bool corrected)
    {
        using var scope = NewDisposeScope();
        using var net = Make(Sequential(Conv2d(1, 2, 2), Tanh(), Flatten(), Linear(18, 3), Tanh(), Linear(3, 3, hasBias: false)));
        Tensor x = randn(9, 1, 4, 4, float64), y = randint(0, 3, 9, int64);
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y),
            new() { Reduction = CurvatureReduction.Sum });
        using var kfac = corrected ? curvature.Ekfac(Exact) : curvature.Kfac(Exact);
        var dense = kfac.ToDense();
        var damped = dense + 0.1 * eye(kfac.Size, dtype: float64);

        kfac.Trace().Should().BeApproximately(dense.trace().item<double>(), 1e-10);
        kfac.FrobeniusNorm().Should().BeApproximately(dense.norm().item<double>(), 1e-10);
        kfac.LogDeterminant(0.1).Should().BeApproximately(linalg.slogdet(damped).Item2.item<double>(), 1e-9);
        Dense.Distance(kfac.Inverse(0.1).ToDense(), damped.inverse()).Should().BeLessThan(1e-10);
        Dense.Distance(dense, dense.t()).Should().BeLessThan(1e-13);
        linalg.eigvalsh(dense).min().item<double>().Should().BeGreaterThan(-1e-12);
        using var empirical = new NetworkCurvature(net, CurvatureLoss.CrossEntropy, CurvatureData.Batch(x, y)).Kfac(Exact);
        Dense.Distance(dense, 9 * (corrected ? curvature.Ekfac(Exact).ToDense() / 9 : empirical.ToDense())).Should()
            .BeLessThan(1e-12);
    }

    [Fact]
    public void A_singular_matrix_has_a_log_determinant_of_minus_infinity_and_an_inverse_only_with_damping()
    {
        using var scope = NewDisposeScope();
        using var net = Make(Sequential(Linear(4, 3)));
        net.get_parameter("0.weight")!.requires_grad = false;
        using var curvature = new NetworkCurvature(net, CurvatureLoss.CrossEntropy,
            CurvatureData.Batch(zeros(2, 4, float64), zeros(2, int64)), new() { Parameters = ["0.weight"] });
        using var kfac = curvature.Kfac(Exact);
        kfac.LogDeterminant().Should().Be(double.NegativeInfinity);
        kfac.Invoking(k => k.Inverse(0)).Should().Throw<ArgumentOutOfRangeException>();
        kfac.Invoking(k => k.LogDeterminant(-1)).Should().Throw<ArgumentOutOfRangeException>();
        kfac.Invoking(k => ((KroneckerOperator)k.Inverse(1)).Trace()).Should().Throw<InvalidOperationException>();
    }

    // θ has the whole weight and then the bias; the Kronecker product has the bias as the last column of each row.
    private static Tensor InMatrixOrder(Tensor dense, long outputs, long inputs, bool hasBias)
    {
        var order = Enumerable.Range(0, (int)outputs).SelectMany(o =>
            Enumerable.Range(0, (int)inputs).Select(i => o * inputs + i).Concat(hasBias ? [outputs * inputs + o] : []));
        var index = tensor(order.ToArray());
        return dense.index_select(0, index).index_select(1, index);
    }

    private static Tensor Patches(Module<Tensor, Tensor> convolution, Tensor x)
    {
        var weight = convolution.get_parameter("weight")!;
        var bias = convolution.get_parameter("bias");
        var rows = new List<Tensor>();
        for (var i = 0; i < x.shape[0]; i++)
        {
            var output = convolution.call(x.narrow(0, i, 1))[0, 0].reshape(-1);
            for (var r = 0; r < output.shape[0]; r++)
            {
                var g = autograd.grad([output[r]], [weight], retain_graph: true)[0][0].reshape(-1);
                rows.Add(bias is null ? g : cat([g, ones(1, float64)]));
            }
        }

        return stack(rows);
    }

    private static T Make<T>(T net) where T : Module
    {
        manual_seed(6);
        foreach (var p in net.parameters()) init.normal_(p, 0, 0.5);
        return LocalHessian.Tests.Cases.Networks.InFloat64(net);
    }
}
