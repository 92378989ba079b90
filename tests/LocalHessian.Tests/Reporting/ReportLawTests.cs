using System.Text.Json;
using LocalHessian.Blocks;
using LocalHessian.Reporting;
using LocalHessian.Tests.Cases;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Reporting;

/// <summary>What holds of every report, whether its spectra are dense or estimated.</summary>
public class ReportLawTests
{
    private static readonly ReportOptions Dense = new() { Steps = 1000 }, Estimated = new() { Steps = 24 };

    private static readonly HessianSummary Input = new(12, 0.125, 0, 1.25, 0.0625, 20, 7, 0, true),
        Weight = new(24, 0.375, 0.01, 2.25, 0.03125, 72, 5.6, 0.5, false);

    private static readonly NetworkReport Written = new(0.6875, 7, "About it.",
        [new("first", [7, 2, 3], [7, 4], [[4, 6]], 0.25, double.PositiveInfinity, Input, Weight,
            new(1, 0.1, 0.2, 0.4, 3, true), new(1, 0.05, 0.3, 0.4, 3, false))], ["H_W of 'last': no."]);

    public static TheoryData<ReportOptions> Both => new(Dense, Estimated);

    [Theory, MemberData(nameof(Both))]
    public void A_weights_Hessian_is_that_of_the_mean_and_an_inputs_that_of_the_sum(ReportOptions options)
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var x = randn(10, 12, float64);
        var once = NetworkReport.Of(network, x, Loss, options);
        var twice = NetworkReport.Of(network, cat([x, x]), Loss, options);

        twice.Samples.Should().Be(2 * once.Samples);
        twice.TrainingLoss.Should().BeApproximately(once.TrainingLoss, 1e-12).And
            .BeApproximately(Loss(network.call(x)).item<double>(), 1e-12);
        foreach (var (one, two) in once.Blocks.Zip(twice.Blocks))
        {
            // A batch that comes twice has every sample's gradient twice.
            two.Weight.Should().BeEquivalentTo(one.Weight, o => o.Using<double>(c =>
                c.Subject.Should().BeApproximately(c.Expectation, 1e-6 * Math.Abs(c.Expectation) + 1e-12)).WhenTypeIs<double>());
            two.Input!.Dimension.Should().Be(2 * one.Input!.Dimension);
            two.Input.Largest.Should().BeApproximately(one.Input.Largest, 1e-3 * one.Input.Largest);
        }

        var firstWeight = once.Blocks[0].Weight!;
        using var block = BackMatchingLoss.Of(Sequential(network.children().Take(2).Cast<Module<Tensor, Tensor>>().ToArray()), x);
        var mean = block.ForWeight().Hessian(HessianOptions.GaussNewton with { Batch = BatchReduction.Mean });
        firstWeight.MeanEigenvalue.Should().BeApproximately(mean.trace().item<double>() / 96,
            4 * firstWeight.MeanStandardError + 1e-12);
    }

    [Fact]
    public void Estimated_efficiencies_are_those_of_dense_spectra()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var x = randn(10, 12, float64);
        var (exact, estimate) = (NetworkReport.Of(network, x, Loss, Dense), NetworkReport.Of(network, x, Loss, Estimated));
        foreach (var (e, t) in estimate.Blocks.Zip(exact.Blocks))
            foreach (var (guess, truth) in new[] { (e.InputEfficiency!, t.InputEfficiency!), (e.WeightEfficiency!,
                t.WeightEfficiency!) })
            {
                guess.Loss.Should().Be(truth.Loss);
                guess.StepReduction.Should().BeApproximately(truth.StepReduction, 1e-9 * Math.Abs(truth.StepReduction));
                guess.LineSearchReduction.Should().BeApproximately(truth.LineSearchReduction, 1e-9 * truth.LineSearchReduction);
                guess.BestReduction.Should().BeApproximately(truth.BestReduction, 0.02 * truth.BestReduction);
                guess.Iterations.Should().BeLessThanOrEqualTo(24);
            }

        exact.Blocks[0].Input!.MeanStandardError.Should().Be(0);
        estimate.Blocks[0].Input!.MeanStandardError.Should().BePositive();
        // The second block's H_z has full rank; the last is 9 × 10 for each sample, and linear.
        estimate.Blocks[1].Input!.Rank.Should().BeApproximately(80, 1e-9);
        estimate.Blocks[1].Input!.RankStandardError.Should().BeLessThan(1e-9);
        exact.Blocks[2].Input!.Rank.Should().Be(90);
        var last = estimate.Blocks[2].Input!;
        last.Rank.Should().BeApproximately(90, 6 * last.RankStandardError).And.BeLessThan(99.9);
    }

    [Fact]
    public void Standard_errors_are_the_spread_of_the_estimates_over_seeds()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var x = randn(10, 12, float64);
        var reports = Enumerable.Range(0, 24).Select(seed => NetworkReport.Of(network, x, Loss,
            new() { Steps = 6, Probes = 4, Seed = seed, Efficiency = false }).Blocks[0]).ToList();
        NetworkReport.Of(network, x, Loss, new() { Steps = 6, Efficiency = false }).Blocks.Should()
            .OnlyContain(b => b.InputEfficiency == null && b.WeightEfficiency == null);
        NetworkReport.Of(network, x, Loss, new() { Steps = 3 }).Blocks.Should()
            .OnlyContain(b => b.InputEfficiency!.Iterations <= 3 && b.WeightEfficiency!.Iterations <= 3);
        foreach (var (values, errors) in new[]
        {
            (reports.Select(r => r.Weight!.MeanEigenvalue), reports.Select(r => r.Weight!.MeanStandardError)),
            (reports.Select(r => r.Input!.MeanEigenvalue), reports.Select(r => r.Input!.MeanStandardError)),
        })
        {
            var spread = Math.Sqrt(values.Sum(v => Math.Pow(v - values.Average(), 2)) / 23);
            // The standard deviation of 24 values is known to 15 percent, one of 4 to 40.
            (Math.Sqrt(errors.Average(e => e * e)) / spread).Should().BeInRange(0.6, 1.6);
        }
    }

    [Fact]
    public void Where_the_gradient_vanishes_a_random_vector_of_the_seed_begins_and_nothing_is_to_be_removed()
    {
        using var scope = NewDisposeScope();
        using var network = Network();
        var x = randn(10, 12, float64);
        var reports = new[] { 0L, 0, 1 }.Select(seed => NetworkReport.Of(network, x, y => (y - y.detach()).square().sum(),
            new() { Steps = 4, Seed = seed }).Blocks[0]).ToList();

        reports[1].Input.Should().Be(reports[0].Input);
        reports[2].Input!.SmallestNonZero.Should().NotBe(reports[0].Input!.SmallestNonZero);
        reports[0].InputEfficiency!.BestReduction.Should().Be(0);
        reports[0].InputEfficiency!.Converged.Should().BeTrue();
    }

    [Fact]
    public void A_weight_that_blocks_share_is_no_blocks_own_and_is_named_once()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        var tied = Linear(4, 4, hasBias: false);
        using var network = Networks.InFloat64<Module<Tensor, Tensor>>(new Lambda(
            (l, x) => functional.linear(l[1].call(l[0].call(x)), tied.weight), ("tied", tied), ("own", Linear(4, 4,
                hasBias: false))));
        var report = NetworkReport.Of(network, randn(3, 4, float64), Loss);

        report.Blocks.SelectMany(b => b.WeightShapes).Should().NotContain(s => s.Count == 0);
        report.NotExamined.Should().ContainSingle(l => l.Contains("'tied.weight'", StringComparison.Ordinal))
            .Which.Should().Contain("several blocks share");
        var plain = NetworkStructure.Find(Network(), randn(3, 12, float64));
        plain.SharedParameters.Should().BeEmpty();
    }

    [Fact]
    public void Each_number_of_a_table_stands_under_its_heading_and_what_is_not_sure_in_brackets()
    {
        var lines = Written.ToString().Split('\n').Select(l => l.TrimEnd('\r')).ToArray();
        lines[0].Should().Be("J = 0.6875, 7 samples; (…) bounds and estimates");
        Cells(lines[1]).Should().Equal("block", "in", "out", "of", "dim", "closed form", "tr/dim", "λ max", "λ min ≠ 0",
            "condition",
            "rank", "step", "line");
        Cells(lines[2]).Should().Equal("first", "2×3", "4", "z", "12", "0.25", "0.125", "1.25", "0.0625", "20", "7", "0.25",
            "0.50");
        Cells(lines[3]).Should().Equal("W", "24", "Infinity", "(0.375)", "2.25", "(0.03125)", "(72)", "(6)", "(0.75)");
        lines[4..6].Should().Equal("About it.", "Not examined: H_W of 'last': no.");

        static string[] Cells(string line) => System.Text.RegularExpressions.Regex.Split(line.Trim(), " {2,}");
    }

    [Fact]
    public void JSON_has_every_number_and_null_for_those_that_are_none()
    {
        var block = JsonDocument.Parse(Written.ToJson()).RootElement.GetProperty("blocks")[0];
        block.GetProperty("weight_scale").ValueKind.Should().Be(JsonValueKind.Null);
        block.GetProperty("input_scale").GetDouble().Should().Be(0.25);
        foreach (var (name, summary) in new[] { ("input", Input), ("weight", Weight) })
            block.GetProperty(name).EnumerateObject().Select(p => (p.Name.Replace("_", "", StringComparison.Ordinal),
                p.Value.ToString()))
                .Should().Equal(typeof(HessianSummary).GetProperties().Select(p =>
                    (p.Name.ToLowerInvariant(), string.Create(System.Globalization.CultureInfo.InvariantCulture,
                        $"{p.GetValue(summary)}"))));
    }

    private static Tensor Loss(Tensor y) => (y.sin() + y.square()).mean();

    private static Module<Tensor, Tensor> Network()
    {
        manual_seed(4);
        return Networks.InFloat64(Sequential(Linear(12, 8), Tanh(), Linear(8, 10), Tanh(), Linear(10, 9)));
    }
}
