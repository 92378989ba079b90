using LocalHessian.Monitoring;
using LocalHessian.Optim;
using LocalHessian.Reporting;
using LocalHessian.Scaling;
using LocalHessian.Spectra;
using static LocalHessian.Tests.Options.OptionConsumer;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Options;

/// <summary>Every option of every public options type reaches where it acts: what each of its consumers gives changes with
/// it.</summary>
public class OptionsReachTests
{
    // Made by the optimizer for its rule, not by the caller.
    private static readonly Type[] Elsewhere = [typeof(StepOptions)];

    private static readonly ScaledSGDOptions Sgd = new() { LearningRate = 0.1, momentum = 0.5 };

    private static readonly (string, Func<SolveOptions, SolveOptions>)[] SolveChanges =
    [
        (nameof(SolveOptions.Tolerance), o => o with { Tolerance = 0.1 }),
        (nameof(SolveOptions.MaxIterations), o => o with { MaxIterations = 2 }),
        (nameof(SolveOptions.Damping), o => o with { Damping = 0.5 }),
        (nameof(SolveOptions.Preconditioner), o => o with { Preconditioner = Runs.Preconditioner }),
    ];

    private static readonly (string, Func<CurvatureOptions, CurvatureOptions>)[] CurvatureChanges =
    [
        (nameof(CurvatureOptions.Parameters), o => o with { Parameters = ["head"] }),
        (nameof(CurvatureOptions.Where), o => o with { Where = name => name.EndsWith("weight", StringComparison.Ordinal) }),
        (nameof(CurvatureOptions.Reduction), o => o with { Reduction = CurvatureReduction.Sum }),
        (nameof(CurvatureOptions.Forward), o => o with { Forward = Runs.HalfTheOutput }),
        (nameof(CurvatureOptions.CheckData), o => o with { CheckData = true }),
        (nameof(CurvatureOptions.Seed), o => o with { Seed = 1 }),
    ];

    private static readonly (string, Func<KroneckerOptions, KroneckerOptions>)[] KroneckerChanges =
    [
        (nameof(KroneckerOptions.Fisher), o => o with { Fisher = KroneckerFisher.Empirical }),
        (nameof(KroneckerOptions.Draws), o => o with { Draws = 2 }),
        (nameof(KroneckerOptions.Seed), o => o with { Seed = 1 }),
        (nameof(KroneckerOptions.Positions), o => o with { Positions = KroneckerPositions.Reduce }),
    ];

    private static readonly OptionConsumer[] Consumers =
    [
        Of("gradient and matrices of a curvature", Runs.Curvature, new CurvatureOptions { CheckData = false }, CurvatureChanges),
        Of("a curvature's K-FAC", Runs.KfacOfCurvature, new CurvatureOptions { CheckData = false }, CurvatureChanges),
        Of("K-FAC", o => Runs.Kronecker(c => c.Kfac(o)), new KroneckerOptions(), KroneckerChanges),
        Of("EKFAC", o => Runs.Kronecker(c => c.Ekfac(o)), new KroneckerOptions(), KroneckerChanges),
        Of("a local Hessian", Runs.LocalHessian, new HessianOptions(),
            (nameof(HessianOptions.Part), o => o with { Part = HessianPart.GaussNewton }),
            (nameof(HessianOptions.Batch), o => o with { Batch = BatchReduction.Mean }),
            (nameof(HessianOptions.Method), o => o with { Method = HessianMethod.Differentiation }),
            (nameof(HessianOptions.MaxBytes), o => o with { MaxBytes = 8 })),
        Of("a monitor", Runs.Monitor, new MonitorOptions { Interval = 1, SpectrumSteps = 2 },
            (nameof(MonitorOptions.Interval), o => o with { Interval = 2 }),
            (nameof(MonitorOptions.Samples), o => o with { Samples = 3 }),
            (nameof(MonitorOptions.SpectrumSteps), o => o with { SpectrumSteps = 3 }),
            (nameof(MonitorOptions.Probes), o => o with { Probes = 5 }),
            (nameof(MonitorOptions.Seed), o => o with { Seed = 1 }),
            (nameof(MonitorOptions.StepsBefore), o => o with { StepsBefore = 10 })),
        Of("a report", Runs.Report, new ReportOptions { Steps = 3 },
            (nameof(ReportOptions.Steps), o => o with { Steps = 4 }),
            (nameof(ReportOptions.Probes), o => o with { Probes = 3 }),
            (nameof(ReportOptions.Efficiency), o => o with { Efficiency = false }),
            (nameof(ReportOptions.Blocks), o => o with { Blocks = ["pair"] }),
            (nameof(ReportOptions.MaxBytes), o => o with { MaxBytes = 400 }),
            (nameof(ReportOptions.Seed), o => o with { Seed = 1 })),
        Of("conjugate gradients", o => Runs.Solve(o, (a, b) => ConjugateGradients.Solve(a, b, o)), new SolveOptions(),
            SolveChanges),
        Of("MINRES", o => Runs.Solve(o, (a, b) => Minres.Solve(a, b, o)), new SolveOptions(), SolveChanges),
        Of("an inverse", o => Runs.Inverse(o, SolveMethod.ConjugateGradients), new SolveOptions(), SolveChanges),
        Of("an inverse by MINRES", o => Runs.Inverse(o, SolveMethod.Minres), new SolveOptions(), SolveChanges),
        Of("Lanczos", Runs.Extremes, new LanczosOptions { MaxSteps = 8 },
            (nameof(LanczosOptions.MaxSteps), o => o with { MaxSteps = 9 }),
            (nameof(LanczosOptions.Tolerance), o => o with { Tolerance = 0.5 }),
            (nameof(LanczosOptions.Seed), o => o with { Seed = 1 }),
            (nameof(LanczosOptions.Start), o => o with { Start = Runs.Start })),
        Of("closed forms", o => Runs.Amended(new() { LearningRate = 0.1, Scaling = o }), new ScalingOptions(),
            (nameof(ScalingOptions.Positions), o => o with { Positions = PositionConvention.LayerOutput }),
            (nameof(ScalingOptions.Head), o => o with { Head = HeadRule.Plain }),
            (nameof(ScalingOptions.Auxiliary), o => o with { Auxiliary = AuxiliaryRule.Plain }),
            (nameof(ScalingOptions.Source), o => o with { Source = ScaleSource.Composite }),
            (nameof(ScalingOptions.Floor), o => o with { Floor = 10 }),
            (nameof(ScalingOptions.Overall), o => o with { Overall = OverallScale.Unit }),
            (nameof(ScalingOptions.Measurement), o => o with { Source = ScaleSource.Composite,
                Measurement = new() { Bound = 1.01 } })),
        Of("measured scales", o => Runs.Amended(new() { LearningRate = 0.1, Scaling = new() { Source = ScaleSource.Composite,
            Measurement = o } }),
            new MeasurementOptions { Interval = 1, Bound = 1e6 },
            (nameof(MeasurementOptions.Interval), o => o with { Interval = 2 }),
            (nameof(MeasurementOptions.Probes), o => o with { Probes = 2 }),
            (nameof(MeasurementOptions.Seed), o => o with { Seed = 1 }),
            (nameof(MeasurementOptions.Smoothing), o => o with { Smoothing = 0.1 }),
            (nameof(MeasurementOptions.Bound), o => o with { Bound = 1.01 })),
        Of("scale-amended SGD", Runs.Amended, new ScaleAmendedSGDOptions { LearningRate = 0.1, momentum = 0.5 },
            [.. SgdChanges<ScaleAmendedSGDOptions>(), (nameof(ScaleAmendedSGDOptions.Scaling),
                o => o with { Scaling = new() { Head = HeadRule.Plain } })]),
        Of("LSALR", o => Runs.Moved(n => new LSALR(n, o.LearningRate, o.momentum, o.dampening, o.weight_decay, o.nesterov,
            o.maximize)), Sgd,
            SgdChanges<ScaledSGDOptions>()),
        Of("LARS", o => Runs.Moved(n => new LARS(n, o.LearningRate, o.momentum, o.dampening, o.weight_decay, o.nesterov,
            o.maximize)), Sgd,
            SgdChanges<ScaledSGDOptions>()),
        Of("LARS's own", o => Runs.Moved(n => new LARS(n, 0.1, form: o.Form, trustCoefficient: o.Trust, epsilon: o.Epsilon,
            clip: o.Clip)),
            new LarsArguments(), (nameof(LarsArguments.Form), o => o with { Form = LarsForm.You }),
            (nameof(LarsArguments.Trust), o => o with { Trust = 0.5 }), (nameof(LarsArguments.Epsilon),
                o => o with { Epsilon = 0.1 }),
            (nameof(LarsArguments.Clip), o => o with { Clip = true })),
    ];

    private sealed record LarsArguments(LarsForm Form = LarsForm.Paper, double? Trust = null, double Epsilon = 0,
        bool Clip = false);

    public static TheoryData<string, string> Options
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var consumer in Consumers)
                foreach (var option in consumer.Changes.Keys) data.Add(consumer.Name, option);
            return data;
        }
    }

    [Theory, MemberData(nameof(Options))]
    public void An_option_changes_what_its_consumer_gives(string consumer, string option)
    {
        using var scope = NewDisposeScope();
        var one = Consumers.Single(c => c.Name == consumer);
        var usual = one.Run(one.Usual);

        one.Run(one.Usual).Should().Be(usual, "the same options give the same");
        one.Run(one.Changes[option](one.Usual)).Should().NotBe(usual);
    }

    [Fact]
    public void No_option_is_left_out()
    {
        var types = typeof(SolveOptions).Assembly.GetExportedTypes()
            .Where(t => t.Name.EndsWith("Options", StringComparison.Ordinal)).Except(Elsewhere);

        foreach (var type in types)
        {
            var consumers = Consumers.Where(c => c.Options == type).ToList();
            consumers.Should().NotBeEmpty($"{type.Name} has options");
            consumers.Should().OnlyContain(c => type.GetProperties().Where(p => p.CanWrite).All(p =>
                c.Changes.ContainsKey(p.Name)),
                $"every option of {type.Name} is changed");
        }
    }

    private static (string, Func<T, T>)[] SgdChanges<T>() where T : ScaledSGDOptions =>
    [
        (nameof(ScaledSGDOptions.LearningRate), o => o with { LearningRate = 0.2 }),
        (nameof(ScaledSGDOptions.momentum), o => o with { momentum = 0.9 }),
        (nameof(ScaledSGDOptions.dampening), o => o with { dampening = 0.3 }),
        (nameof(ScaledSGDOptions.weight_decay), o => o with { weight_decay = 0.1 }),
        (nameof(ScaledSGDOptions.nesterov), o => o with { nesterov = true }),
        (nameof(ScaledSGDOptions.maximize), o => o with { maximize = true }),
    ];
}
