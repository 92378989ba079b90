using LocalHessian.Optim;
using LocalHessian.Scaling;
using LocalHessian.Tests.Cases;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;
using static TorchSharp.torch.nn;

namespace LocalHessian.Tests.Optim;

/// <summary>Where the scales are out of the way, what is left is TorchSharp's SGD.</summary>
public class SgdTests
{
    /// <summary>Momentum, dampening, decay, nesterov, maximize.</summary>
    public static TheoryData<double, double, double, bool, bool> Options => new()
    {
        { 0, 0, 0, false, false },
        { 0, 0, 0.01, false, true },
        { 0.9, 0, 0, false, false },
        { 0.9, 0.3, 0.01, false, false },
        { 0.9, 0, 0.01, true, false },
        { 0.5, 0.1, 0.01, false, true },
        { 0.9, 0, 0.01, true, true },
    };

    [Theory]
    [MemberData(nameof(Options))]
    public void With_all_scales_one_a_run_is_SGDs_bit_for_bit(double momentum, double dampening, double decay, bool nesterov,
        bool maximize)
    {
        using var scope = NewDisposeScope();
        foreach (var dtype in new[] { ScalarType.Float32, ScalarType.Float64 })
        {
            foreach (var kind in UnitScales(momentum, dampening, decay, nesterov, maximize))
            {
                manual_seed(8);
                using var model = Linear(5, 3).to(dtype);
                var parameters = kind.Vectors ? [new Parameter(randn(7, dtype)), new Parameter(randn(2, dtype))]
                    : model.parameters().ToList();
                var twins = parameters.Select(p => new Parameter(p.detach().clone())).ToList();
                using var optimizer = kind.Build(model, parameters);
                using var sgd = optim.SGD(twins, 0.1, momentum, dampening, decay, nesterov, maximize);
                for (var i = 0; i < 5; i++)
                {
                    foreach (var (p, q) in parameters.Zip(twins))
                    {
                        p.grad = randn_like(p);
                        q.grad = p.grad!.clone();
                    }

                    optimizer.step();
                    sgd.step();

                    foreach (var (p, q) in parameters.Zip(twins)) p.Equals(q).Should().BeTrue($"{kind.Name}, {dtype}, step {i}");
                }
            }
        }
    }

    [Theory]
    [MemberData(nameof(Options))]
    public void A_run_is_SGDs_on_gradients_that_were_amended_by_hand(double momentum, double dampening, double decay,
        bool nesterov, bool maximize)
    {
        using var scope = NewDisposeScope();
        manual_seed(9);
        using var model = OptimizerCases.Network();
        var weights = model.parameters().ToList();
        var twins = weights.Select(p => new Parameter(p.detach().clone())).ToList();
        using var optimizer = new ScaleAmendedSGD(model, OptimizerCases.Input(), 0.1, momentum, dampening, decay, nesterov,
            maximize);
        using var sgd = optim.SGD(twins, 0.1, momentum, dampening, nesterov: nesterov, maximize: maximize);
        for (var i = 0; i < 5; i++)
        {
            OptimizerCases.Backward(model, optimizer, i);
            // convolution W, b; gain and shift of its norm; head W, b: D = 3 outputs, m = 3/8 below the head, s = 4 positions
            double below = 1 / (3.0 / 8 * 4), first = twins[0].square().sum().item<double>() / 3,
                last = twins[4].square().sum().item<double>() / 3;
            double[] scales = [first, below, below, below, last, 1];
            for (var p = 0; p < weights.Count; p++) twins[p].grad = scales[p] * (weights[p].grad! + decay * twins[p].detach());

            optimizer.step();
            sgd.step();

            foreach (var (p, q) in weights.Zip(twins)) (p - q).abs().max().item<double>().Should().BeLessThan(1e-12);
        }
    }

    private sealed record UnitScaled(string Name, bool Vectors, Func<Linear, IEnumerable<Parameter>, ScaledSGD> Build);

    private static IEnumerable<UnitScaled> UnitScales(double momentum, double dampening, double decay, bool nesterov,
        bool maximize) =>
    [
        new("scale-amended, plain rules", false, (m, _) =>
            new ScaleAmendedSGD(m, zeros(1, 5, m.weight.dtype), 0.1, momentum, dampening, decay, nesterov, maximize,
            new ScalingOptions { Head = HeadRule.Plain, Auxiliary = AuxiliaryRule.Plain })),
        new("LARS on vectors", true, (_, p) => new LARS(p, 0.1, momentum, dampening, decay, nesterov, maximize)),
        new("LSALR on vectors", true, (_, p) => new LSALR(p, 0.1, momentum, dampening, decay, nesterov, maximize)),
    ];
}
