using LocalHessian.Blocks;
using LocalHessian.Monitoring;
using LocalHessian.Reporting;
using LocalHessian.Tests.Analysis;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Zoo;

/// <summary>What people tried with networks of their own.</summary>
public class AnyNetworkTests
{
    public static TheoryData<string> Between => ["samples", "matrix", "cumulative sum", "softmax"];

    [Theory, MemberData(nameof(Between))]
    public void An_operation_between_layers_that_the_closed_form_cannot_describe_is_refused_by_name(string what)
    {
        using var scope = NewDisposeScope();
        manual_seed(1);
        var constant = randn(6, 6);
        Func<Tensor, Tensor> between = what switch
        {
            "samples" => z => z + z.sum([0L]),
            "matrix" => z => z.matmul(constant),
            "cumulative sum" => z => z.cumsum(1),
            _ => z => functional.softmax(z, 1),
        };
        using var network = new Lambda((l, x) => l[1].call(between(l[0].call(x))), ("a", Linear(5, 6)), ("b", Linear(6, 3)));

        foreach (var samples in new[] { 1, 4 })
            network.Invoking(n => BlockChain.Find(n, randn(samples, 5))).Should().Throw<NotAChainException>()
                .WithMessage(what == "samples" ? "*follows 'a' mixes samples*" : "*follows 'a' mixes its output channels*");
    }

    [Fact]
    public void A_softmax_behind_the_last_layer_belongs_to_the_loss()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(Linear(5, 6), ReLU(), Linear(6, 3), LogSoftmax(1));
        BlockChain.Find(network, randn(4, 5)).Should().HaveCount(2);
    }

    [Fact]
    public void Layers_in_fields_that_nobody_registered_are_found_wherever_they_hide()
    {
        using var scope = NewDisposeScope();
        var hidden = Linear(5, 5);
        using var inClosure = new Lambda((l, x) => l[0].call(hidden.call(x)), ("a", Linear(5, 3)));
        inClosure.Invoking(n => NetworkStructure.Find(n, randn(2, 5))).Should().Throw<ArgumentException>()
            .WithMessage("*not registered*hidden*");

        foreach (var p in hidden.parameters()) p.requires_grad = false;
        inClosure.Invoking(n => NetworkStructure.Find(n, randn(2, 5))).Should().NotThrow("a frozen layer misses no training");
        hidden.Dispose();
    }

    [Fact]
    public void Batch_norm_over_one_value_a_channel_gives_finite_numbers()
    {
        using var scope = NewDisposeScope();
        manual_seed(2);
        using var network = Networks.InFloat64(Sequential(Linear(4, 3), BatchNorm1d(3), Tanh(), Linear(3, 2)));
        network.train();
        var before = network.buffers().Select(b => b.clone()).ToList();
        using var pass = BackMatchingPass.Run(network, randn(1, 4, float64), PassTests.J);

        pass[0].ForWeight().Hessian(HessianOptions.GaussNewton).isfinite().all().item<bool>().Should().BeTrue();
        pass[1].ForInput().Hessian().isfinite().all().item<bool>().Should().BeTrue();
        using var h = pass[0].ForInput().Operator(HessianOptions.GaussNewton);
        h.ToDense().isfinite().all().item<bool>().Should().BeTrue();
        network.buffers().Zip(before).Should().OnlyContain(b => b.First.Equals(b.Second));
    }

    [Fact]
    public void A_module_that_runs_twice_is_one_block_with_the_Hessian_of_both_uses()
    {
        using var scope = NewDisposeScope();
        manual_seed(3);
        var shared = Linear(4, 4);
        using var network = Networks.InFloat64<Module<Tensor, Tensor>>(
            new Lambda((l, x) => l[1].call(l[0].call(l[0].call(x).tanh()).tanh()), ("shared", shared), ("head", Linear(4, 3))));
        using var pass = BackMatchingPass.Run(network, randn(3, 4, float64), PassTests.J);

        pass.Select(b => b.Name).Should().Equal("shared", "head");
        var weight = shared.weight!;
        var (input, change) = (pass[0].Input.detach(), pass[0].DesiredChange!.detach());
        Tensor Block() => shared.forward(shared.forward(input).tanh()).tanh();
        var target = Block().detach() + change;
        HessianTests.ShouldBe(pass[0].ForWeight().Hessian(),
            FiniteDifferences.Hessian(() => (target - Block()).square().sum() / 2, [weight]), 1e-6);
    }

    [Fact]
    public void Attention_has_its_Hessian_without_a_word_about_kernels()
    {
        using var scope = NewDisposeScope();
        manual_seed(4);
        using var network = Networks.InFloat64(new Attention(4));
        var input = randn(2, 3, 4, float64);
        var flash = backends.cuda.flash_sdp_enabled();
        using var loss = BackMatchingLoss.Of(network, input, randn(2, 3, 4, float64));

        var z = input.clone().requires_grad_();
        var target = (network.call(input) + loss.DesiredChange!).detach();
        HessianTests.ShouldBe(loss.ForInput().Hessian(),
            FiniteDifferences.Hessian(() => (target - network.call(z)).square().sum() / 2, [z]), 1e-6);
        backends.cuda.flash_sdp_enabled().Should().Be(flash);
    }

    [Fact]
    public void An_operation_without_a_second_derivative_is_named_in_one_line_and_the_rest_is_reported()
    {
        using var scope = NewDisposeScope();
        manual_seed(5);
        using var network = new Resampled();
        var input = randn(3, 1, 4, 4);
        using var pass = BackMatchingPass.Run(network, input, PassTests.J);

        pass[0].Invoking(b => b.ForInput().Hessian()).Should().Throw<SecondDerivativeException>()
            .WithMessage("*grid_sampler_2d_backward*").Which.Message.Should().NotContain("\n");
        var report = NetworkReport.Of(network, input, PassTests.J);
        report.Blocks[0].Input.Should().BeNull();
        report.Blocks[1].Input!.Largest.Should().BeGreaterThan(0);
        report.NotExamined.Should()
            .Contain(s => s.Contains("grid_sampler_2d_backward") && s.StartsWith("H_z of '_first'", StringComparison.Ordinal));
    }

    [Fact]
    public void Wrong_inputs_losses_and_modes_are_told_in_a_sentence()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(Linear(5, 4), ReLU(), Linear(4, 3));
        var x = randn(8, 5);
        var labels = arange(8) % 3;
        Tensor Loss(Tensor y) => functional.cross_entropy(y, labels.narrow(0, 0, y.shape[0]));

        using (inference_mode())
            FluentActions.Invoking(() => NetworkReport.Of(network, x, Loss)).Should().Throw<InvalidOperationException>()
                .WithMessage("*inference_mode*outside*");
        OneLine(() => NetworkReport.Of(network, randn(8, 6), Loss), "*cannot be run on [8, 6] in Float32*");
        OneLine(() => NetworkReport.Of(network, x.to(float64), Loss), "*cannot be run on [8, 5] in Float64*");
        OneLine(() => NetworkReport.Of(network, x, y => functional.cross_entropy(y, labels.narrow(0, 0, 3))),
            "*loss cannot be computed of an output [8, 3]*");
        OneLine(() => NetworkReport.Of(network, x, _ => null!), "*loss is null*");
        OneLine(() => NetworkReport.Of(network, x, y => y), "*loss has shape [8, 3]*");
        FluentActions.Invoking(() => NetworkReport.Of(network, x, null!)).Should().Throw<ArgumentNullException>();
    }

    [Fact]
    public void A_monitor_that_examines_part_of_the_batch_says_so_where_the_loss_holds_all_labels_and_takes_them_by_themselves()
    {
        using var scope = NewDisposeScope();
        using var network = Sequential(Linear(5, 4), ReLU(), Linear(4, 3));
        var (x, labels) = (randn(40, 5), arange(40) % 3);
        using var sgd = optim.SGD(network.parameters(), 0.1);
        var monitor = new BlockMonitor(network, x);
        functional.cross_entropy(network.call(x), labels).backward();
        var before = network.parameters().First().detach().clone();

        OneLine(() => monitor.Step(sgd, x, y => functional.cross_entropy(y, labels)),
            "*first samples only*MonitorOptions.Samples*");
        network.parameters().First().detach().Equals(before).Should().BeTrue("the step has not been taken");
        monitor.Step(sgd, x, labels, (y, t) => functional.cross_entropy(y, t));
        monitor.Latest.Should().HaveCount(2);
    }

    [Fact]
    public void A_report_shows_its_progress_and_stops_within_one_product()
    {
        using var scope = NewDisposeScope();
        using var network = Networks.Vgg([16, 0, 32, 0], 4, 3);
        var x = randn(4, 3, 4, 4, float64);
        var kept = new Kept();
        NetworkReport.Of(network, x, PassTests.J, progress: kept);
        kept.Reports.Select(r => r.Fraction).Should().BeInAscendingOrder().And.HaveCountGreaterThan(20);
        kept.Reports[^1].Fraction.Should().Be(1);
        kept.Reports.Select(r => r.Name).Should().Contain(n => n == "conv0");

        var live = LiveTensors.Count();
        for (var round = 0; round < 2; round++)
        {
            using var source = new CancellationTokenSource();
            var stopped = new Kept { At = 0.4, Source = source };
            FluentActions.Invoking(() =>
                NetworkReport.Of(network, x, PassTests.J, progress: stopped, cancellationToken: source.Token))
                .Should().Throw<OperationCanceledException>();
            stopped.AfterStop.Should().BeLessThanOrEqualTo(1);
        }

        LiveTensors.Count().Should().Be(live);
    }

    private static void OneLine(Action use, string message) =>
        use.Should().Throw<ArgumentException>().WithMessage(message).Which.Message.Split(" (Parameter")[0].Should()
            .NotContain("\n");

    private sealed class Kept : IProgress<OperationProgress>
    {
        public List<OperationProgress> Reports { get; } = [];

        public double At { get; init; } = 2;

        public CancellationTokenSource? Source { get; init; }

        public int AfterStop { get; private set; }

        public void Report(OperationProgress value)
        {
            Reports.Add(value);
            if (Source is { IsCancellationRequested: true }) AfterStop++;
            else if (value.Fraction >= At) Source?.Cancel();
        }
    }
}
