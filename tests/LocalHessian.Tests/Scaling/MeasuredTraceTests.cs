using LocalHessian.Blocks;
using LocalHessian.Internal;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Scaling;

/// <summary>Measured scales against traces of dense Gauss-Newton Hessians, built from Jacobians row by row.</summary>
public class MeasuredTraceTests
{
    private const int Draws = 300;

    public static TheoryData<ArchitectureCase, HeadRule> Heads
    {
        get
        {
            var data = new TheoryData<ArchitectureCase, HeadRule>();
            foreach (var c in Architectures.All)
            {
                data.Add(c, HeadRule.Amended);
                data.Add(c, HeadRule.CrossEntropy);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Heads))]
    public void The_composite_is_the_dense_Hessians_trace_over_dimension(ArchitectureCase architecture, HeadRule head)
    {
        using var scope = NewDisposeScope();
        manual_seed(11);
        using var network = architecture.Build();
        var output = network.call(architecture.Input());
        var parameters = network.parameters().ToList();

        var draws = Enumerable.Range(0, Draws).Select(i =>
        {
            using var probe = new Probe(1, i);
            return CompositeMeasurement.Of(output, parameters, probe, 1, head).Values;
        }).ToArray();

        var half = head == HeadRule.CrossEntropy ? RootOfOutputHessian(output) : eye(output.numel(), dtype: float64);
        AgreeWithinThreeStandardErrors(stack(draws), Traces(output, parameters.Cast<Tensor>().ToList(), half, output.shape[0]));
    }

    [Theory]
    [MemberData(nameof(Architectures.BlockCases), MemberType = typeof(Architectures))]
    public void Blockwise_factors_are_the_products_of_the_dense_Hessians_traces(ArchitectureCase architecture)
    {
        using var scope = NewDisposeScope();
        manual_seed(21);
        using var network = architecture.Build();
        var input = architecture.Input();
        var blocks = NetworkStructure.Find(network, input);
        blocks.Blocks.Should().HaveCountGreaterThan(1);
        var parameters = network.parameters().ToList();

        // Products of independent estimates are unbiased too.
        var draws = Enumerable.Range(0, Draws).Select(i =>
        {
            using var probe = new Probe(2, i);
            return BlockMeasurement.Trace(blocks, NetworkCall.Of(network, input), parameters, probe).Values;
        }).ToArray();

        AgreeWithinThreeStandardErrors(stack(draws), DenseProducts(blocks, input, parameters));
    }

    [Fact]
    public void A_weight_that_takes_part_in_two_blocks_has_the_sum_over_both()
    {
        using var scope = NewDisposeScope();
        manual_seed(22);
        using var network = Networks.InFloat64<nn.Module<Tensor, Tensor>>(new Lambda(
            (l, x) => nn.functional.linear(l[1].call(nn.functional.tanh(l[0].call(x))), ((Linear)l[0]).weight),
            ("tied", nn.Linear(3, 3)), ("other", nn.Linear(3, 3))));
        var input = randn(4, 3, float64);
        var blocks = NetworkStructure.Find(network, input);
        blocks.SharedParameters.Select(p => p.Name).Should().Equal("tied.weight");
        var parameters = network.parameters().ToList();

        var draws = Enumerable.Range(0, Draws).Select(i =>
        {
            using var probe = new Probe(5, i);
            return BlockMeasurement.Trace(blocks, NetworkCall.Of(network, input), parameters, probe).Values;
        }).ToArray();

        AgreeWithinThreeStandardErrors(stack(draws), DenseProducts(blocks, input, parameters));
    }

    [Fact]
    public void Rayleigh_quotients_are_those_of_the_dense_Hessians_along_the_signal()
    {
        using var scope = NewDisposeScope();
        manual_seed(13);
        using var network = Architectures.Residual(before: false);
        var input = randn(3, 2, 4, 4, float64);
        var blocks = NetworkStructure.Find(network, input);
        var parameters = network.parameters().ToList();
        var signal = randn(3, 3, float64);

        var measured = BlockMeasurement.Rayleigh(blocks, NetworkCall.Of(network, input), parameters, signal).Values;

        using var pass = blocks.Pass(NetworkCall.Of(network, input));
        var expected = new double[parameters.Count];
        var (d, m) = (signal.flatten(), 1.0);
        foreach (var segment in pass.Segments.Skip(1).Reverse())
        {
            for (var i = 0; i < parameters.Count; i++)
                if (Jacobian(segment.Output, parameters[i]) is { } a) expected[i] = m * Quotient(a, a.t().mv(d)) / 3;
            var z = Jacobian(segment.Output, segment.Input!)!;
            d = z.t().mv(d);
            m *= Quotient(z, d);
        }

        measured.Host<double>().Should().Equal(expected, (x, y) => Math.Abs(x - y) <= 1e-9 * Math.Abs(y));
    }

    [Fact]
    public void A_batch_normalised_linear_block_with_white_inputs_measures_the_closed_form()
    {
        using var scope = NewDisposeScope();
        manual_seed(14);
        const int samples = 40, m = 6, n = 4;
        using var layer = Networks.InFloat64(nn.Linear(m, n, hasBias: false));
        using (no_grad()) layer.weight.copy_(nn.functional.normalize(layer.weight, dim: 1) * 0.3); // rows of one norm
        using var network = nn.Sequential(layer, Networks.InFloat64(nn.BatchNorm1d(n, eps: 0, affine: false)));
        var x = White(samples, m).requires_grad_();
        var output = network.call(x);
        var block = BlockChain.Find(network, x)[0];

        // The projections of batch norm take 2 of M directions from H_z, and 1 of m from H_W (MATH §2).
        var exact = Traces(output, [layer.weight, x], eye(output.numel(), dtype: float64), samples);
        exact[0].Should().BeApproximately(ClosedForm.WeightScale(block, 0.09 * n) * (1 - 1.0 / m), 1e-10);
        (exact[1] * samples).Should().BeApproximately(ClosedForm.InputScale(block) * (1 - 2.0 / samples), 1e-10);
    }

    [Fact]
    public void Behind_a_ReLU_the_closed_form_is_low_by_about_one_and_a_half()
    {
        using var scope = NewDisposeScope();
        manual_seed(15);
        const int samples = 4000, m = 64, n = 64;
        using var network = Networks.InFloat64(nn.Sequential(nn.Linear(m, n, hasBias: false), nn.BatchNorm1d(n, affine: false),
            nn.ReLU()));
        var x = nn.functional.relu(randn(samples, m, float64)).requires_grad_();
        var output = network.call(x);
        using var probe = new Probe(3, 0);

        var measured = Autograd.Grad([output], [x], [probe.Signs(output)])[0]!.square().mean().item<double>();

        // ½ of the mask over the variance of a rectified normal, ½ − 1/(2π)
        (measured / ClosedForm.InputScale(BlockChain.Find(network, x)[0])).Should()
            .BeApproximately(0.5 / (0.5 - 0.5 / Math.PI), 0.07);
    }

    private static double[] DenseProducts(NetworkStructure blocks, Tensor input, List<Parameter> parameters)
    {
        using var pass = blocks.Pass(NetworkCall.Of((nn.Module<Tensor, Tensor>)blocks.Network, input));
        var expected = new double[parameters.Count];
        var m = 1.0;
        foreach (var segment in pass.Segments.Reverse())
        {
            if (!segment.Output.requires_grad) continue;
            for (var i = 0; i < parameters.Count; i++)
                if (Jacobian(segment.Output, parameters[i]) is { } a)
                    expected[i] += m * a.square().sum().item<double>() / parameters[i].numel() / input.shape[0];
            if (segment.HasDifferentiableInput && Jacobian(segment.Output, segment.Input!) is { } z)
                m *= z.square().sum().item<double>() / segment.Input!.numel();
        }

        return expected;
    }

    // R with RᵀR = H_J, the Hessian of cross entropy summed over the batch.
    private static Tensor RootOfOutputHessian(Tensor output)
    {
        var p = nn.functional.softmax(output.detach(), 1);
        var blocks = Enumerable.Range(0, (int)p.shape[0]).Select(j =>
        {
            var (values, vectors) = linalg.eigh(p[j].diag() - p[j].outer(p[j]));
            return values.clamp_min(0).sqrt().unsqueeze(1) * vectors.t();
        }).ToArray();
        return block_diag(blocks);
    }

    private static double[] Traces(Tensor output, IReadOnlyList<Tensor> at, Tensor root, double samples) => at
        .Select(t => root.mm(Jacobian(output, t)!).square().sum().item<double>() / t.numel() / samples).ToArray();

    private static Tensor? Jacobian(Tensor output, Tensor at)
    {
        var rows = new List<Tensor>();
        for (var i = 0; i < output.numel(); i++)
        {
            var unit = zeros(output.numel(), output.dtype);
            unit[i] = 1;
            if (Autograd.Grad([output], [at], [unit.reshape(output.shape)])[0] is not { } row) return null;
            rows.Add(row.flatten());
        }

        return stack(rows);
    }

    private static double Quotient(Tensor a, Tensor d) => (a.mv(d).square().sum() / d.square().sum()).item<double>();

    private static Tensor White(long samples, long features)
    {
        var x = randn(samples, features, float64);
        x -= x.mean([0]);
        var (q, _) = linalg.qr(x);
        return q * Math.Sqrt(samples);
    }

    private static void AgreeWithinThreeStandardErrors(Tensor draws, double[] exact)
    {
        var mean = draws.mean([0]).Host<double>();
        var error = (draws.std(0) / Math.Sqrt(Draws)).Host<double>();
        for (var i = 0; i < exact.Length; i++)
            Math.Abs(mean[i] - exact[i]).Should()
                .BeLessThanOrEqualTo(3 * error[i] + 1e-12 * exact[i] + 1e-25, $"parameter {i} has {exact[i]}");
    }
}
