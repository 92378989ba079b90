using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Devices;

/// <summary>An optimizer and how to build it for <see cref="Twins.Chain"/> and a batch for it.</summary>
public sealed record DeviceCase(string Name, Func<Module<Tensor, Tensor>, Tensor, ScaledSGD> Build)
{
    /// <summary>Whether building or stepping differentiates twice.</summary>
    public bool Twice { get; init; }

    public Module<Tensor, Tensor> Network() => Twice ? Twins.Plain() : Twins.Chain();

    public override string ToString() => Name;
}

/// <summary>Every optimizer, every source of scales, every option that changes the step.</summary>
public static class DeviceCases
{
    public static IEnumerable<DeviceCase> Closed =>
    [
        new("closed form", (m, x) => new ScaleAmendedSGD(m, x, lr: 0.01)),
        new("closed form, momentum and decay", (m, x) => new ScaleAmendedSGD(m, x, lr: 0.01, momentum: 0.9, weight_decay: 0.01)),
        new("closed form, Nesterov", (m, x) => new ScaleAmendedSGD(m, x, lr: 0.01, momentum: 0.9, weight_decay: 0.01,
            nesterov: true)),
        new("closed form, dampening, ascent", (m, x) => new ScaleAmendedSGD(m, x, lr: 0.01, momentum: 0.8, dampening: 0.3,
            maximize: true)),
        new("closed form, plain head and auxiliaries", (m, x) => new ScaleAmendedSGD(
            m, x, lr: 0.01, momentum: 0.9, scaling: new() { Head = HeadRule.Plain, Auxiliary = AuxiliaryRule.Plain })),
        new("closed form, layer output", (m, x) => new ScaleAmendedSGD(m, x, lr: 0.01,
            scaling: new() { Positions = PositionConvention.LayerOutput })),
        new("closed form, layer sharing", (m, x) => new ScaleAmendedSGD(m, x, lr: 0.01,
            scaling: new() { Positions = PositionConvention.LayerSharing })),
        new("closed form, two groups", (m, x) => new ScaleAmendedSGD(
            NetworkStructure.Find(m, x), new ScaleAmendedSGDOptions { LearningRate = 0.01, momentum = 0.9 }, Groups(m))),
        new("LARS", (m, _) => new LARS(m.parameters(), 0.01, momentum: 0.9, weight_decay: 0.01)),
        new("LARS of You, Nesterov", (m, _) => new LARS(m.parameters(), 0.1, momentum: 0.9, weight_decay: 0.01, nesterov: true,
            form: LarsForm.You)),
        new("LARS, two groups", (m, _) => new LARS(Groups(m), 0.01, momentum: 0.9)),
        new("LSALR", (m, _) => new LSALR(m.parameters(), 0.01, momentum: 0.9, weight_decay: 0.01)),
    ];

    public static IEnumerable<DeviceCase> Measured =>
    [
        new("composite", Scaled(ScaleSource.Composite)),
        new("composite, cross entropy", Scaled(ScaleSource.Composite, HeadRule.CrossEntropy)),
        new("composite, plain head, measured overall", (m, x) => new ScaleAmendedSGD(m, x, lr: 0.01, momentum: 0.9, scaling: new()
        {
            Source = ScaleSource.Composite, Head = HeadRule.Plain, Overall = OverallScale.Measured,
            Measurement = new() { Interval = 2, Probes = 3, Bound = 3, Smoothing = 0 },
        })),
        new("block trace", Scaled(ScaleSource.BlockTrace)),
        new("block Rayleigh", Scaled(ScaleSource.BlockRayleigh)) { Twice = true },
    ];

    public static IEnumerable<DeviceCase> Cases => Closed.Concat(Measured);

    public static TheoryData<DeviceCase> All => new(Cases);

    public static TheoryData<DeviceCase, ScalarType> InBothPrecisions
    {
        get
        {
            var data = new TheoryData<DeviceCase, ScalarType>();
            foreach (var one in Cases)
                foreach (var dtype in new[] { ScalarType.Float64, ScalarType.Float32 }) data.Add(one, dtype);
            return data;
        }
    }

    private static Func<Module<Tensor, Tensor>, Tensor, ScaledSGD> Scaled(ScaleSource source, HeadRule head = HeadRule.Amended) =>
        (m, x) =>
        new ScaleAmendedSGD(m, x, lr: 0.01, momentum: 0.9, weight_decay: 0.01, scaling: new()
        {
            Source = source, Head = head,
            Measurement = new() { Interval = 2 }
        });

    private static SGD.ParamGroup[] Groups(Module<Tensor, Tensor> m) =>
    [
        new() { Parameters = m.parameters().Take(2) },
        new() { Parameters = m.parameters().Skip(2), Options = new SGD.Options { LearningRate = 0.003, momentum = 0,
            weight_decay = 0.02 } },
    ];
}
