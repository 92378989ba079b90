using LocalHessian.Blocks;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>An optimizer and how to build it for <see cref="OptimizerCases.Network"/>.</summary>
public sealed record OptimizerCase(string Name, Func<Module<Tensor, Tensor>, ScaledSGD> Build)
{
    public override string ToString() => Name;
}

/// <summary>Every optimizer of the library, on one small network in float64, for tests that hold for all of them.</summary>
public static class OptimizerCases
{
    public static IEnumerable<OptimizerCase> Cases =>
    [
        new("closed form", m => new ScaleAmendedSGD(m, Input(), lr: 0.01, momentum: 0.9, weight_decay: 0.01)),
        new("two groups", m => new ScaleAmendedSGD(
            NetworkStructure.Find(m, Input()), new ScaleAmendedSGDOptions { LearningRate = 0.01, momentum = 0.9 },
            [
                new SGD.ParamGroup { Parameters = m.parameters().Take(2) },
                new SGD.ParamGroup { Parameters = m.parameters().Skip(2),
                    Options = new SGD.Options { LearningRate = 0.003, momentum = 0 } },
            ])),
        new("composite", m => new ScaleAmendedSGD(m, Input(), lr: 0.01, momentum: 0.9, scaling: Measured(ScaleSource.Composite))),
        new("block trace", m =>
            new ScaleAmendedSGD(m, Input(), lr: 0.01, momentum: 0.9, scaling: Measured(ScaleSource.BlockTrace))),
        new("LARS", m => new LARS(m.parameters(), 0.01, momentum: 0.9, nesterov: true, form: LarsForm.You)),
        new("LSALR", m => new LSALR(m.parameters(), 0.01, momentum: 0.9, weight_decay: 0.01)),
    ];

    public static TheoryData<OptimizerCase> All => new(Cases);

    public static Module<Tensor, Tensor> Network() => Networks.InFloat64(Sequential(
        Conv2d(1, 2, 3, padding: 1), BatchNorm2d(2), ReLU(), Flatten(), Linear(8, 3)));

    public static Tensor Input() => zeros(2, 1, 2, 2, float64);

    /// <summary>One step on a batch that the number fixes.</summary>
    public static void Train(Module<Tensor, Tensor> model, ScaledSGD optimizer, int from, int steps)
    {
        for (var i = from; i < from + steps; i++)
        {
            using var scope = NewDisposeScope();
            Backward(model, optimizer, i);
            optimizer.step();
        }
    }

    public static void Backward(Module<Tensor, Tensor> model, ScaledSGD optimizer, int batch)
    {
        using var scope = NewDisposeScope();
        optimizer.zero_grad();
        model.call(Draws.Normal(batch, [4, 1, 2, 2])).square().mean().backward();
    }

    public static List<double[]> Values(Module model) => model.parameters()
        .Select(p => { using var scope = NewDisposeScope(); return p.detach().to(ScalarType.Float64).Host<double>(); }).ToList();

    /// <summary>All of an optimizer's state as bytes.</summary>
    public static byte[] Bytes(ScaledSGD optimizer)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        optimizer.save_state_dict(writer);
        return stream.ToArray();
    }

    private static ScalingOptions Measured(ScaleSource source) =>
        new() { Source = source, Measurement = new MeasurementOptions { Interval = 2 } };
}
