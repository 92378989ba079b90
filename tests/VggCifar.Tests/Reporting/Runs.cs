using VggCifar.Training;

namespace VggCifar.Tests.Reporting;

/// <summary>Results made up for tests of tables, files and pictures.</summary>
internal static class Runs
{
    public static readonly OptimizerSpec Sgd = new("sgd", 0.1, 0.005, RateSchedule.Plateau),
        SlowSgd = Sgd with { Rate = 0.02 }, Sa = new("sa", 0.1, 0.005, RateSchedule.Plateau);

    public static readonly Settings Settings =
        new() { Data = "builtin10", Width = 0.25, Epochs = 2, Seeds = [1, 2, 3], Grid = [Sgd, SlowSgd, Sa] };

    /// <summary>A run of two epochs with this accuracy after the last.</summary>
    public static RunResult Run(OptimizerSpec spec, long seed, double accuracy, double best = 0, double trainLoss = 1.5) => new(
        new RunName(spec, seed),
        [
            new EpochRecord(1, spec.Rate, 2.25, 0.125, 2.5, best, 1000, 1),
            new EpochRecord(2, spec.Rate / 2, trainLoss, 0.25, 1.75, accuracy, 1234.56, 2.5),
        ]);

    /// <summary>Three seeds of each cell.</summary>
    public static IReadOnlyList<RunResult> All =>
    [
        Run(Sgd, 1, 0.30), Run(SlowSgd, 1, 0.40, best: 0.45), Run(Sa, 1, 0.50),
        Run(Sgd, 2, 0.32), Run(SlowSgd, 2, 0.44, best: 0.41), Run(Sa, 2, 0.53),
        Run(Sgd, 3, 0.28), Run(SlowSgd, 3, 0.36, best: 0.37), Run(Sa, 3, 0.53),
    ];
}
