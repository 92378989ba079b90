using System.Text.Json;
using LocalHessian.Reporting;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Reporting;

public class NetworkReportTests
{
    [Fact]
    public void An_orthogonal_layer_is_reported_as_what_it_is()
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        using var network = Networks.InFloat64(Sequential(Linear(6, 4, hasBias: false), Linear(4, 3, hasBias: false)));
        using (no_grad()) network.get_parameter("0.weight")!.copy_(linalg.qr(randn(6, 4, float64)).Q.t());
        var report = NetworkReport.Of(network, randn(5, 6, float64), y => y.square().mean());

        var first = report.Blocks[0];
        first.Input.Should().BeEquivalentTo(
            new HessianSummary(30, 4.0 / 6, 0, 1, 1, 1, 20, 0, true), o =>
                o.Using<double>(c => c.Subject.Should().BeApproximately(c.Expectation, 1e-12)).WhenTypeIs<double>());
        first.InputScale.Should().Be(4.0 / 6);
        first.WeightScale.Should().BeApproximately(1, 1e-12); // n/‖W‖² of orthonormal rows
        first.InputEfficiency!.Step.Should().BeApproximately(1, 1e-12);
        first.Weight!.Dimension.Should().Be(24);
        report.Samples.Should().Be(5);
        report.Blocks[1].WeightShapes.Single().Should().Equal(3, 4);
    }

    [Fact]
    public void Estimates_of_a_large_network_agree_with_its_dense_Hessians_within_their_errors()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var network = Networks.Vgg([16, 0, 32, 0], 4, 3);
        var input = randn(4, 3, 4, 4, float64);
        var exact = NetworkReport.Of(network, input, y =>
            y.square().mean(), new() { Steps = 1000, Probes = 2, Efficiency = false });
        var estimate = NetworkReport.Of(network, input, y => y.square().mean(), new() { Steps = 40, Probes = 8 });
        foreach (var (e, x) in estimate.Blocks.Zip(exact.Blocks))
            foreach (var (guess, truth) in new[] { (e.Input!, x.Input!), (e.Weight!, x.Weight!) })
            {
                truth.MeanStandardError.Should().Be(0);
                guess.MeanEigenvalue.Should().BeApproximately(truth.MeanEigenvalue, 4 * guess.MeanStandardError + 1e-12);
                guess.Largest.Should().BeApproximately(truth.Largest, 1e-3 * truth.Largest);
                guess.ConditionNumber.Should().BeLessThanOrEqualTo(truth.ConditionNumber * (1 + 1e-6));
            }
    }

    [Fact, Trait("Category", "Culture")]
    public void Table_and_JSON_hold_every_block_in_any_culture()
    {
        var culture = System.Globalization.CultureInfo.CurrentCulture;
        try
        {
            System.Globalization.CultureInfo.CurrentCulture = new("de-DE");
            using var scope = NewDisposeScope();
            manual_seed(3);
            using var network = new Lambda((l, x) => l[1].call(l[0].call(x)),
                ("skip", new Lambda((l, z) => z + l[0].call(z).tanh(), ("in", Linear(4, 4)))), ("top", Linear(4, 2)));
            var report = NetworkReport.Of(network, randn(3, 4), y => y.square().mean(), new() { Blocks = ["skip", "top"] });

            var text = report.ToString();
            text.Split('\n').Where(l => l.Contains("  z  ")).Should().HaveCount(2);
            text.Should().NotMatchRegex(@"\d,\d").And.Contain("skip");
            var json = JsonDocument.Parse(report.ToJson()).RootElement;
            json.GetProperty("blocks").GetArrayLength().Should().Be(2);
            var first = json.GetProperty("blocks")[0];
            first.GetProperty("input_scale").ValueKind.Should().Be(JsonValueKind.Null); // no closed form for a residual block
            first.GetProperty("input").GetProperty("largest").GetDouble().Should().Be(report.Blocks[0].Input!.Largest);
        }
        finally
        {
            System.Globalization.CultureInfo.CurrentCulture = culture;
        }
    }
}
