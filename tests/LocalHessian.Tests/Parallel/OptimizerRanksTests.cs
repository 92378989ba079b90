using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Parallel;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using LocalHessian.Tests.Optim;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Parallel;

/// <summary>Every optimizer on ranks that are threads; <c>LocalHessian.Mpi.Tests</c> does the same on processes.</summary>
public class OptimizerRanksTests
{
    public static TheoryData<OptimizerCase> Optimizers => OptimizerCases.All;

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Weights_are_the_same_bits_on_all_ranks_after_fifty_steps(OptimizerCase optimizer)
    {
        foreach (var size in new[] { 2, 4 })
        {
            var weights = ThreadRanks.Run(size, ranks =>
                Train(optimizer, ranks, rows: 3, steps: 50, model => OptimizerCases.Values(model)));
            foreach (var other in weights) Same(other, weights[0]);
            weights[0].SelectMany(w => w).Should().OnlyContain(w => double.IsFinite(w));
        }
    }

    [Theory]
    [InlineData("closed form", new[] { 4, 4 })]
    [InlineData("LARS", new[] { 4, 4 })]
    [InlineData("LSALR", new[] { 4, 4 })]
    [InlineData("closed form", new[] { 1, 5, 2 })]
    [InlineData("LARS", new[] { 1, 5, 2 })]
    [InlineData("LSALR", new[] { 1, 5, 2 })]
    [InlineData("closed form", new[] { 3, 0, 5 })]
    [InlineData("LARS", new[] { 3, 0, 5 })]
    [InlineData("LSALR", new[] { 3, 0, 5 })]
    public void On_any_shards_steps_are_those_of_one_rank_with_the_whole_batch(string name, int[] shards)
    {
        var optimizer = OptimizerCases.Cases.Single(c => c.Name == name);
        var alone = ThreadRanks.Run(1, ranks => TrainShards(optimizer, ranks, [shards.Sum()]))[0];
        foreach (var weights in ThreadRanks.Run(shards.Length, ranks => TrainShards(optimizer, ranks, shards)))
            weights.Should().Equal(alone, (a, b) => Math.Abs(a - b) <= 1e-12 * Math.Max(1, Math.Abs(b)));
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void One_rank_takes_the_steps_that_are_taken_without_ranks(OptimizerCase optimizer)
    {
        var alone = Train(optimizer, null, rows: 3, steps: 5, OptimizerCases.Values);
        Same(ThreadRanks.Run(1, ranks => Train(optimizer, ranks, rows: 3, steps: 5, OptimizerCases.Values))[0], alone);
    }

    [Fact]
    public void A_parameter_without_a_gradient_on_one_rank_counts_as_zero_there_and_one_without_any_stays()
    {
        var moved = ThreadRanks.Run(2, ranks =>
        {
            using var model = OptimizerCases.Network();
            using var optimizer = new LARS(model.parameters(), 0.1, momentum: 0.9, weight_decay: 0.1) { Ranks = ranks };
            var (first, last) = (model.parameters().First(), model.parameters().Last());
            var before = Values(last);
            if (ranks.Rank == 0) first.grad = full_like(first, 3);
            optimizer.step();
            Values(last).Should().Equal(before);
            return Values(first.grad!);
        });
        moved.Should().AllSatisfy(gradient => gradient.Should().OnlyContain(g => g == 1.5));
    }

    [Fact]
    public void Skip_and_Throw_decide_alike_on_all_ranks_when_one_has_a_bad_gradient_and_a_rank_without_samples_spoils_nothing()
    {
        var ends = ThreadRanks.Run(3, ranks =>
        {
            using var model = OptimizerCases.Network();
            Seed(model);
            var optimizer = new LARS(model.parameters(), 0.1) { Ranks = ranks, NonFiniteGradients = NonFiniteGradients.Skip };
            void Step(double samples)
            {
                foreach (var p in model.parameters()) p.grad = full_like(p, ranks.Rank == 1 ? double.NaN : 1);
                optimizer.RankSamples = samples;
                optimizer.step();
            }

            Step(samples: 1);
            var skipped = optimizer.SkippedSteps;
            optimizer.NonFiniteGradients = NonFiniteGradients.Throw;
            FluentActions.Invoking(() => Step(samples: 1)).Should().Throw<NonFiniteException>();
            Step(samples: ranks.Rank == 1 ? 0 : 2);
            optimizer.Dispose();
            return (skipped, OptimizerCases.Values(model).SelectMany(v => v).ToArray());
        });
        ends.Should().AllSatisfy(end => end.skipped.Should().Be(1));
        ends[1].Item2.Should().Equal(ends[0].Item2).And.OnlyContain(w => double.IsFinite(w));
    }

    [Fact]
    public void Measured_scales_are_the_means_over_samples_of_what_each_rank_has_measured()
    {
        int[] rows = [2, 6];
        var (alone, shared) = (new double[2][], new double[2][]);
        ThreadRanks.Run(2, ranks =>
        {
            foreach (var together in new[] { false, true })
            {
                using var model = OptimizerCases.Network();
                Seed(model);
                // The other ranks' random vectors are those of later refreshes without ranks.
                var options = new ScalingOptions { Source = ScaleSource.Composite, Measurement = new() { Smoothing = 0 } };
                using var optimizer = new ScaleAmendedSGD(model, OptimizerCases.Input(), 0.01, scaling: options);
                optimizer.Ranks = together ? ranks : new Alone(ranks);
                optimizer.RankSamples = rows[ranks.Rank];
                Backward(model, optimizer, ranks.Rank, rows[ranks.Rank]);
                optimizer.step();
                (together ? shared : alone)[ranks.Rank] = [.. optimizer.MeasuredScales.Select(m => m.Latest)];
            }

            return 0;
        });
        shared[1].Should().Equal(shared[0]);
        shared[0].Should().Equal(alone[0].Zip(alone[1], (a, b) => (2 * a + 6 * b) / 8), (a, b) => Math.Abs(a - b) <= 1e-14 * b);
    }

    [Fact]
    public void Forward_passes_are_no_meetings_and_a_rank_that_has_measured_nothing_takes_the_others_measurements()
    {
        var scales = ThreadRanks.Run(2, ranks =>
        {
            using var model = OptimizerCases.Network();
            Seed(model);
            var options = new ScalingOptions { Source = ScaleSource.Composite };
            using var optimizer = new ScaleAmendedSGD(model, OptimizerCases.Input(), 0.01, scaling: options) { Ranks = ranks };
            if (ranks.Rank == 0)
            {
                Backward(model, optimizer, 0, 4);
                model.call(randn([4, 1, 2, 2], ScalarType.Float64)).Dispose();
            }

            ranks.Sums.Should().Be(0);
            optimizer.RankSamples = ranks.Rank == 0 ? 4 : 0;
            optimizer.step();
            return optimizer.MeasuredScales.Select(m => m.Multiplier).ToArray();
        });
        scales[0].Should().NotBeEmpty();
        scales[1].Should().Equal(scales[0]);
    }

    [Fact]
    public void Other_networks_and_parameters_frozen_on_one_rank_are_refused_on_all()
    {
        ThreadRanks.Run(2, ranks =>
        {
            using var other = Linear(3, ranks.Rank == 0 ? 2 : 1);
            using var optimizer = new LSALR(other.parameters(), 0.1) { Ranks = ranks };
            FluentActions.Invoking(() => optimizer.step()).Should().Throw<InvalidOperationException>()
                .WithMessage("The ranks have different parameters*");
            using var frozen = Linear(3, 2);
            foreach (var p in frozen.parameters()) p.grad = ones_like(p);
            frozen.weight.requires_grad = ranks.Rank == 0;
            using var second = new LSALR(frozen.parameters(), 0.1) { Ranks = ranks };
            var before = Values(frozen.bias!);
            FluentActions.Invoking(() => second.step()).Should().Throw<InvalidOperationException>()
                .WithMessage("*is frozen (requires_grad false) on 1 of 2 ranks*");
            Values(frozen.bias!).Should().Equal(before);
            return 0;
        });
    }

    [Theory]
    [InlineData(-1.0)]
    [InlineData(double.NaN)]
    public void What_is_no_number_of_samples_is_refused(double samples)
    {
        using var model = Linear(3, 2);
        using var optimizer = new LSALR(model.parameters(), 0.1);
        FluentActions.Invoking(() => optimizer.RankSamples = samples).Should().Throw<ArgumentOutOfRangeException>();
    }

    private static T Train<T>(OptimizerCase build, IRanks? ranks, int rows, int steps, Func<Module<Tensor, Tensor>, T> result)
    {
        using var model = OptimizerCases.Network();
        Seed(model);
        using var optimizer = build.Build(model);
        optimizer.Ranks = ranks;
        for (var i = 0; i < steps; i++)
        {
            Backward(model, optimizer, 100 * i + (ranks?.Rank ?? 0), rows);
            optimizer.step();
        }

        return result(model);
    }

    // Every rank takes its rows of the same batches; batch norm sees the whole batch.
    private static double[] TrainShards(OptimizerCase build, IRanks ranks, int[] shards)
    {
        using var model = Networks.InFloat64(Sequential(
            Conv2d(1, 2, 3, padding: 1), new SyncBatchNorm(ranks, 2), ReLU(), Flatten(), Linear(8, 3)));
        Seed(model);
        using var optimizer = build.Build(model);
        (optimizer.Ranks, optimizer.RankSamples) = (ranks, shards[ranks.Rank]);
        for (var i = 0; i < 10; i++)
        {
            using var scope = NewDisposeScope();
            var batch = Draws.Normal(i, [shards.Sum(), 1, 2, 2]);
            optimizer.zero_grad();
            model.call(batch.narrow(0, shards[..ranks.Rank].Sum(), shards[ranks.Rank])).square().mean().backward();
            optimizer.step();
        }

        return [.. OptimizerCases.Values(model).SelectMany(v => v)];
    }

    private static void Backward(Module<Tensor, Tensor> model, ScaledSGD optimizer, int batch, int rows)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        model.call(Draws.Normal(batch, [rows, 1, 2, 2])).square().mean().backward();
    }

    private static void Seed(Module model)
    {
        using var ungraded = no_grad();
        using var generator = new Generator(7, CPU);
        foreach (var p in model.parameters()) p.copy_(Draws.Normal(generator, p.shape));
    }

    private static double[] Values(Tensor t) => t.detach().to(ScalarType.Float64).Host<double>();

    private static void Same(List<double[]> a, List<double[]> b) => a.SelectMany(v => v).Should().Equal(b.SelectMany(v => v));

    /// <summary>A rank with its number, among others that bring what it brings.</summary>
    private sealed class Alone(IRanks of) : IRanks
    {
        public int Rank => of.Rank;
        public int Size => of.Size;
        public void Sum(IReadOnlyList<Tensor> tensors, double weight = 1)
        {
            foreach (var tensor in tensors) tensor.mul_(Size * weight);
        }
    }
}
