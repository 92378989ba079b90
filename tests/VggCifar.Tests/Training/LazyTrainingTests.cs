using LocalHessian.Tests.Devices;
using TorchSharp;
using VggCifar.Data;
using VggCifar.Training;
using static TorchSharp.torch;

namespace VggCifar.Tests.Training;

/// <summary>Training on another device than the CPU gives what it gives there.</summary>
public class LazyTrainingTests
{
    /// <summary>
    /// All but one that differentiates twice through batch norm whose statistics are held, which the lazy device cannot.
    /// </summary>
    public static TheoryData<string> Optimizers => new(OptimizerFactory.Names.Where(n => n != OptimizerFactory.BlockRayleigh));

    [DeviceTheory, MemberData(nameof(Optimizers))]
    public void Two_steps_are_those_on_the_CPU(string name)
    {
        using var scope = NewDisposeScope();
        using var drawn = TestDevice.OnCpu();
        using var data = SyntheticImages.Create(10, 16, 10);
        using var moved = data.To(TestDevice.Name is "cpu" or "lazy" ? LazyDevice.Start() : TestDevice.Current);
        // Contiguous on both: in another order in memory convolutions sum in another order.
        var settings = new Settings { Width = 0.03125, Epochs = 1, BatchSize = 8, MemoryFormat = MemoryLayout.Contiguous };
        var runs = new List<(double Loss, List<Tensor> Weights)>();
        foreach (var set in new[] { data, moved })
        {
            using var normalization = Normalization.Of(set.Train.Images);
            using var run =
                new TrainingRun(settings, new OptimizerSpec(name, 1e-3, 0.005, RateSchedule.Constant), 1, set, normalization);
            run.TrainEpoch(new Silent(), () => false).Should().BeTrue();
            run.Network.parameters().Should().OnlyContain(p => p.device_type == set.Train.Images.device_type);
            runs.Add((run.History[0].TrainLoss, [.. run.Network.parameters().Select(p => p.detach().cpu().clone())]));
        }

        runs[1].Loss.Should().BeApproximately(runs[0].Loss, 1e-4);
        foreach (var (there, here) in runs[1].Weights.Zip(runs[0].Weights))
            (there - here).abs().max().item<float>().Should().BeLessThan(1e-4f);
    }

    [Fact]
    public void In_bfloat16_an_epoch_ends_near_that_in_float32_and_weights_stay_float32()
    {
        using var scope = NewDisposeScope();
        using var data = SyntheticImages.Create(10, 64, 20);
        using var normalization = Normalization.Of(data.Train.Images);
        var losses = new List<double>();
        foreach (var dtype in VggCifar.Model.LowerPrecision.Names)
            foreach (var optimizer in new[] { OptimizerFactory.ScaleAmended, OptimizerFactory.Measured })
            {
                var settings = new Settings { Width = 0.0625, Epochs = 1, BatchSize = 16, Dtype = dtype };
                using var run = new TrainingRun(
                    settings, new OptimizerSpec(optimizer, 0.005, 0.005, RateSchedule.Constant), 1, data, normalization);
                run.TrainEpoch(new Silent(), () => false).Should().BeTrue();
                run.Network.parameters().Should().OnlyContain(p => p.dtype == ScalarType.Float32);
                losses.Add(run.History[0].TrainLoss);
            }

        losses[2].Should().NotBe(losses[0]).And.BeApproximately(losses[0], 0.05);
        losses[3].Should().NotBe(losses[1]).And.BeApproximately(losses[1], 0.05);
    }
}
