using VggCifar.Data;
using VggCifar.Tests.Reliability;
using VggCifar.Training;
using static TorchSharp.torch;

namespace VggCifar.Tests.Training;

/// <summary>Every setting and every optimizer's option changes the numbers.</summary>
public class OptionsReachTests
{
    private static readonly Dictionary<string, Func<Settings, Settings>> Changes = new()
    {
        [nameof(Settings.TrainImages)] = s => s with { TrainImages = 24 },
        [nameof(Settings.TestImages)] = s => s with { TestImages = 20 },
        [nameof(Settings.Network)] = s => s with { Network = "vgg13" },
        [nameof(Settings.Width)] = s => s with { Width = 0.0625 },
        [nameof(Settings.InitScale)] = s => s with { InitScale = 0.5 },
        [nameof(Settings.Epochs)] = s => s with { Epochs = 4 },
        [nameof(Settings.BatchSize)] = s => s with { BatchSize = 10 },
        [nameof(Settings.Augment)] = s => s with { Augment = "none" },
        [nameof(Settings.Momentum)] = s => s with { Momentum = 0.5 },
        [nameof(Settings.LarsTrust)] = s => s with { LarsTrust = 0.01 },
        [nameof(Settings.Patience)] = s => s with { Patience = 30 },
        [nameof(Settings.Factor)] = s => s with { Factor = 0.1 },
        [nameof(Settings.Seeds)] = s => s with { Seeds = [2] },
        [nameof(Settings.Grid)] = s => s with { Grid = [s.Grid[0] with { Rate = 0.02 }] },
    };

    public static TheoryData<string> Settings_ => new(Changes.Keys);

    public static TheoryData<string> Optimizers => new(OptimizerFactory.Names);

    [Theory]
    [MemberData(nameof(Settings_))]
    public void A_setting_changes_the_numbers_of_a_run(string name)
    {
        using var folder = new TemporaryFolder();
        // LARS has an option of its own; so high a rate gains nothing, so that the plateau comes soon.
        var settings = Experiments.Settings("lars", 5) with { Epochs = 5, Patience = 1, Factor = 0.5 };
        Experiments.Run(folder.File("as it is"), settings).Should().BeTrue();
        Experiments.Run(folder.File("changed"), Changes[name](settings)).Should().BeTrue();

        Experiments.Result(folder.File("changed")).Should().NotBe(Experiments.Result(folder.File("as it is")));
    }

    [Fact]
    public void No_setting_is_left_out()
    {
        string[] elsewhere =
        [
            nameof(Settings.Data), nameof(Settings.Fingerprint), nameof(Settings.Device), nameof(Settings.Threads),
            nameof(Settings.MemoryFormat), nameof(Settings.LabelNoise), nameof(Settings.Dtype), nameof(Settings.SyncBatchNorm),
        ];
        typeof(Settings).GetProperties().Select(property => property.Name).Should()
            .BeEquivalentTo([.. Changes.Keys, .. elsewhere]);
    }

    [Theory]
    [MemberData(nameof(Optimizers))]
    public void Rate_momentum_and_decay_reach_every_optimizer(string name)
    {
        var (spec, settings) = (new OptimizerSpec(name, 0.01, 0.01, RateSchedule.Constant), Small);
        var usual = Weights(spec, settings);

        Weights(spec, settings).Should().Equal(usual);
        Weights(spec with { Rate = 0.02 }, settings).Should().NotEqual(usual);
        Weights(spec with { WeightDecay = 0 }, settings).Should().NotEqual(usual);
        Weights(spec, settings with { Momentum = 0.8 }).Should().NotEqual(usual);
    }

    [Fact]
    public void No_two_optimizers_are_the_same_and_every_one_has_a_title_of_its_own()
    {
        var trained = OptimizerFactory.Names.Select(
            name => Weights(new OptimizerSpec(name, 0.01, 0.01, RateSchedule.Constant), Small)).ToList();

        for (var i = 0; i < trained.Count; i++)
            for (var j = 0; j < i; j++)
                trained[i].Should().NotEqual(trained[j], $"{OptimizerFactory.Names[i]} is not {OptimizerFactory.Names[j]}");
        OptimizerFactory.Names.Select(OptimizerFactory.Title).Should().OnlyHaveUniqueItems();
    }

    private static Settings Small => new() { Width = 0.03125, Epochs = 1, BatchSize = 8, Threads = 1 };

    /// <summary>The last layers' weights after three steps.</summary>
    private static List<float> Weights(OptimizerSpec spec, Settings settings)
    {
        using var scope = NewDisposeScope();
        using var data = SyntheticImages.Create(10, 24, 10);
        using var normalization = Normalization.Of(data.Train.Images);
        using var run = new TrainingRun(settings, spec, 1, data, normalization);
        run.TrainEpoch(new Silent(), () => false).Should().BeTrue();
        return [.. run.Network.parameters().SelectMany(p => p.detach().data<float>().ToArray())];
    }
}
