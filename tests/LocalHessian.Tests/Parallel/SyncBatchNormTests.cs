using LocalHessian.Parallel;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Parallel;

public class SyncBatchNormTests
{
    // Rounding of sums over 8·3·3 values.
    private const double RoundOff = 1e-12;

    [Theory]
    [InlineData(4, 4)]
    [InlineData(3, 5)]
    [InlineData(1, 6, 1)]
    [InlineData(5, 0, 3)]
    public void On_any_shards_outputs_gradients_and_statistics_are_those_of_the_whole_batch(params int[] shards)
    {
        random.manual_seed(1);
        using var batch = randn([shards.Sum(), 4, 3, 3], ScalarType.Float64);
        using var target = randn([shards.Sum(), 4, 3, 3], ScalarType.Float64);
        var whole = Pass(nn.BatchNorm2d(4, dtype: ScalarType.Float64), batch, target);
        var parts = ThreadRanks.Run(shards.Length, ranks =>
        {
            var (from, rows) = (shards[..ranks.Rank].Sum(), shards[ranks.Rank]);
            var pass = Pass(new SyncBatchNorm(ranks, 4, dtype: ScalarType.Float64), batch.narrow(0, from, rows),
                target.narrow(0, from, rows));
            Tensor[] averaged = [tensor(pass.Weight, ScalarType.Float64), tensor(pass.Bias, ScalarType.Float64)];
            ranks.Average(averaged, rows);
            return pass with { Weight = averaged[0].Host<double>(), Bias = averaged[1].Host<double>() };
        });

        parts.SelectMany(p => p.Output).Should().Equal(whole.Output, Close);
        // A rank's loss is the mean over its own samples: its gradients weigh n_r/n in those of the whole batch.
        parts.SelectMany((p, r) => p.Input.Select(g => g * shards[r] / shards.Sum())).Should().Equal(whole.Input, Close);
        foreach (var part in parts)
        {
            part.Weight.Should().Equal(whole.Weight, Close);
            part.Bias.Should().Equal(whole.Bias, Close);
            part.Statistics.Should().Equal(whole.Statistics, Close);
        }
    }

    [Fact]
    public void In_evaluation_mode_and_alone_it_is_TorchSharps_bit_for_bit_and_asks_nobody()
    {
        random.manual_seed(2);
        using var batch = randn([6, 4]);
        ThreadRanks.Run(1, ranks =>
        {
            using var own = new SyncBatchNorm(ranks, 4);
            using var theirs = nn.BatchNorm1d(4);
            foreach (var training in new[] { true, false })
            {
                own.train(training);
                theirs.train(training);
                own.call(batch).Host<float>().Should().Equal(theirs.call(batch).Host<float>());
            }

            return ranks.Sums;
        }).Should().Equal(0);
        ThreadRanks.Run(2, ranks =>
        {
            using var norm = new SyncBatchNorm(ranks, 4);
            norm.eval();
            norm.call(batch).Dispose();
            return ranks.Sums;
        }).Should().Equal(0, 0);
    }

    [Fact]
    public void Epsilon_and_momentum_reach_the_numbers_and_a_momentum_of_zero_is_the_mean_over_batches() => ThreadRanks.Run(2,
        ranks =>
    {
        using var scope = NewDisposeScope();
        var batches = new[] { arange(8, ScalarType.Float64).view(4, 2), arange(8, 16, ScalarType.Float64).view(4, 2) * 3 };
        var norm = new SyncBatchNorm(ranks, 2, eps: 0.5, momentum: 0, dtype: ScalarType.Float64);
        var plain = new SyncBatchNorm(ranks, 2, affine: false, dtype: ScalarType.Float64);
        init.ones_(norm.weight);
        init.zeros_(norm.bias!);
        foreach (var batch in batches)
        {
            var mine = batch.narrow(0, 2 * ranks.Rank, 2);
            var (mean, variance) = (batch.mean([0]), batch.var(0, unbiased: false));
            Values(norm.call(mine)).Should().Equal(Values((mine - mean) / (variance + 0.5).sqrt()), Close);
            Values(plain.call(mine)).Should().Equal(Values((mine - mean) / (variance + 1e-5).sqrt()), Close);
        }

        Values(norm.running_mean!).Should().Equal(Values((batches[0].mean([0]) + batches[1].mean([0])) / 2), Close);
        using var half = new SyncBatchNorm(ranks, 2);
        half.call(batches[0].to(ScalarType.BFloat16)).dtype.Should().Be(ScalarType.BFloat16);
        return 0;
    });

    [Fact]
    public void A_single_value_a_channel_and_another_number_of_channels_are_refused_on_all_ranks() => ThreadRanks.Run(2, ranks =>
    {
        using var norm = new SyncBatchNorm(ranks, 4);
        using var one = ones(ranks.Rank, 4);
        FluentActions.Invoking(() => norm.call(one)).Should().Throw<InvalidOperationException>()
            .WithMessage("*more than one value*");
        using var wrong = ones(2, 3);
        FluentActions.Invoking(() => norm.call(wrong)).Should().Throw<ArgumentException>()
            .WithMessage("An input N×4×… is expected, not one of shape [2, 3].*");
        return 0;
    });

    private static bool Close(double a, double b) => Math.Abs(a - b) <= RoundOff * Math.Max(1, Math.Abs(b));

    private static Passed Pass(BatchNorm norm, Tensor batch, Tensor target)
    {
        using var scope = NewDisposeScope();
        using (no_grad()) norm.weight.copy_(tensor(new[] { 0.5, 1, 2, -1 }));
        var input = batch.clone().requires_grad_();
        var output = norm.call(input);
        // Depends on the output in a way that no direction of the gradient vanishes.
        var loss = (output - target).pow(4).mean();
        loss.backward();
        var result = new Passed(Values(output), Values(input.grad!), Values(norm.weight.grad!), Values(norm.bias!.grad!),
            [.. Values(norm.running_mean!), .. Values(norm.running_var!),
                .. Values(norm.num_batches_tracked!.to(ScalarType.Float64).view(1))]);
        norm.Dispose();
        return result;
    }

    private static double[] Values(Tensor t) => t.numel() == 0 ? [] : t.Host<double>();

    private sealed record Passed(double[] Output, double[] Input, double[] Weight, double[] Bias, double[] Statistics);
}
