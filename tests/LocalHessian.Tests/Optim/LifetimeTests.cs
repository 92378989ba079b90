using System.Runtime.CompilerServices;
using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>A module's finalizer disposes its parameters: the optimizer keeps alive what it was given.</summary>
public class LifetimeTests
{
    public static TheoryData<OptimizerCase> Kinds => new(
    [
        new("LARS", m => new LARS(m.parameters(), 0.01, 0.9)),
        new("LARS of a network", m => new LARS(m, 0.01, 0.9)),
        new("LSALR", m => new LSALR(m.parameters(), 0.01, 0.9)),
        new("LSALR of named parameters", m => new LSALR(m.named_parameters(), 0.01, 0.9)),
        new("groups", m => new LSALR(
            [new SGD.ParamGroup { Parameters = m.parameters().Take(2) },
                new SGD.ParamGroup { Parameters = m.parameters().Skip(2) }], 0.01, 0.9)),
        new("closed form", m => new ScaleAmendedSGD(m, OptimizerCases.Input(), 0.01, 0.9)),
        new("measured", m => new ScaleAmendedSGD(m, OptimizerCases.Input(), 0.01, 0.9,
            scaling: new() { Source = ScaleSource.Composite })),
        .. OptimizerCases.Cases.Skip(1).Take(1),
    ]);

    [Theory]
    [MemberData(nameof(Kinds))]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void State_is_saved_after_the_networks_last_use_and_a_collection(OptimizerCase kind)
    {
        for (var i = 0; i < 5; i++)
        {
            var model = OptimizerCases.Network();
            var optimizer = kind.Build(model);
            OptimizerCases.Train(model, optimizer, 0, 3);

            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();

            OptimizerCases.Bytes(optimizer).Should().NotBeEmpty();
            optimizer.parameters().Should().OnlyContain(p => !p.IsInvalid);
            optimizer.Dispose();
        }
    }
}
