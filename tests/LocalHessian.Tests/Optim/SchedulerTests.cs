using LocalHessian.Optim;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.optim;
using static TorchSharp.torch.optim.lr_scheduler;

namespace LocalHessian.Tests.Optim;

/// <summary>A schedule and how to attach it to an optimizer.</summary>
public sealed record ScheduleCase(string Name, Func<Optimizer, LRScheduler> Build)
{
    public override string ToString() => Name;
}

public class SchedulerTests
{
    /// <summary>Every scheduler that TorchSharp's factory makes.</summary>
    public static TheoryData<ScheduleCase> Schedules => new(
        new ScheduleCase("StepLR", o => StepLR(o, 2, 0.5)),
        new ScheduleCase("LambdaLR", o => LambdaLR(o, i => 1 / (1.0 + i))),
        new ScheduleCase("MultiStepLR", o => MultiStepLR(o, [2, 5], 0.5)),
        new ScheduleCase("PolynomialLR", o => PolynomialLR(o, 6, 2)),
        new ScheduleCase("MultiplicativeLR", o => MultiplicativeLR(o, _ => 0.9)),
        new ScheduleCase("ExponentialLR", o => ExponentialLR(o, 0.8)),
        new ScheduleCase("ConstantLR", o => ConstantLR(o, 0.25, 3)),
        new ScheduleCase("LinearLR", o => LinearLR(o, 0.25, 1, 4)),
        new ScheduleCase("CosineAnnealingLR", o => CosineAnnealingLR(o, 5, 1e-3)),
        new ScheduleCase("SequentialLR", o => SequentialLR(o, [ConstantLR(o, 0.5, 2), ExponentialLR(o, 0.9)], [3])),
        new ScheduleCase("ChainedLR", o => ChainedLR([ConstantLR(o, 0.5, 2), ExponentialLR(o, 0.9)])),
        new ScheduleCase("OneCycleLR", o => OneCycleLR(o, 0.1, total_steps: 10)),
        new ScheduleCase("CyclicLR", o => CyclicLR(o, 0.01, 0.1, step_size_up: 3)),
        new ScheduleCase("ReduceLROnPlateau", o => ReduceLROnPlateau(o, factor: 0.5, patience: 1)));

    [Theory]
    [MemberData(nameof(Schedules))]
    public void A_schedule_gives_the_rates_and_momenta_it_gives_TorchSharps_SGD(ScheduleCase schedule)
    {
        using var scope = NewDisposeScope();
        foreach (var kind in OptimizerCases.Cases)
        {
            using nn.Module<Tensor, Tensor> model = OptimizerCases.Network(), twin = OptimizerCases.Network();
            using var optimizer = kind.Build(model);
            var groups = optimizer.ParamGroups.Cast<SGD.ParamGroup>().ToList();
            var parameters = twin.parameters().ToList();
            var sizes = groups.Select(g => g.Parameters.Count()).ToList();
            using var sgd = new SGD(groups.Select((g, i) =>
                new SGD.ParamGroup(parameters.Skip(sizes.Take(i).Sum()).Take(sizes[i]), g.LearningRate, MomentumOf(g))), 0.01);
            var (mine, theirs) = (schedule.Build(optimizer), schedule.Build(sgd));
            var moved = false;

            for (var i = 0; i < 8; i++)
            {
                var before = Rates(optimizer);
                OptimizerCases.Train(model, optimizer, i, 1);
                Advance(mine);
                Advance(theirs);
                Rates(optimizer).Should().Equal(Rates(sgd), kind.Name);
                moved |= !Rates(optimizer).SequenceEqual(before);
            }

            moved.Should().BeTrue("the schedule changes the rate");
        }
    }

    [Fact]
    public void The_step_uses_the_rate_that_the_schedule_has_set()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        using var optimizer = new ScaleAmendedSGD(model, OptimizerCases.Input(), lr: 0.5);
        var schedule = ExponentialLR(optimizer, 0.5);
        var weight = model.parameters().First();
        for (var i = 0; i < 4; i++)
        {
            OptimizerCases.Backward(model, optimizer, i);
            var expected = weight - 0.5 * Math.Pow(0.5, i) * weight.square().sum() / 3 * weight.grad!;

            optimizer.step();
            schedule.step();

            (weight - expected).abs().max().item<double>().Should().BeLessThan(1e-14);
        }
    }

    private static void Advance(LRScheduler schedule)
    {
        if (schedule is impl.ReduceLROnPlateau) schedule.step(1.0);
        else schedule.step();
    }

    private static double[] Rates(Optimizer optimizer) =>
        [.. optimizer.ParamGroups.SelectMany(g => new[] { g.LearningRate, MomentumOf(g) })];

    private static double MomentumOf(ILearningRateController group) =>
        group is IMomentum m ? m.Momentum : throw new InvalidCastException("A group of SGD's has a momentum.");
}
