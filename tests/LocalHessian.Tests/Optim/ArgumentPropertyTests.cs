using CsCheck;
using LocalHessian.Optim;
using LocalHessian.Tests.Cases;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Optim;

/// <summary>
/// Arguments drawn at random: what is in range is taken, all else is refused by the name of the first that is not.
/// </summary>
public class ArgumentPropertyTests
{
    private static readonly Gen<double> Any = Gen.Frequency(
        (4, Gen.Double[0, 2]),
        (1, Gen.Double),
        (1, Gen.OneOfConst(double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, -double.Epsilon, double.Epsilon,
            double.MaxValue, double.MinValue, -1)));

    private static readonly Gen<(double Rate, double Momentum, double Dampening, double Decay, bool Nesterov)> Numbers =
        Gen.Select(Any, Any, Any, Any, Gen.Bool);

    [Fact]
    public void Hyperparameters_are_taken_if_and_only_if_they_are_in_range()
    {
        using var scope = NewDisposeScope();
        using var model = OptimizerCases.Network();
        var parameters = model.parameters().ToList();

        Numbers.Sample(n =>
        {
            foreach (var build in new Func<ScaledSGD>[]
            {
                () => new ScaleAmendedSGD(model, OptimizerCases.Input(), n.Rate, n.Momentum, n.Dampening, n.Decay, n.Nesterov),
                () => new LARS(parameters, n.Rate, n.Momentum, n.Dampening, n.Decay, n.Nesterov),
                () => new LSALR(parameters, n.Rate, n.Momentum, n.Dampening, n.Decay, n.Nesterov),
            })
                Verdict(() => build().Dispose()).Should().Be(Expected(n));
        }, iter: 200, threads: 1);
    }

    [Fact]
    public void Options_set_later_are_judged_alike_before_anything_moves()
    {
        using var scope = NewDisposeScope();
        using var weight = new Parameter(ones(2, 2));
        using var optimizer = new LSALR([weight], 0.1, momentum: 0.9);
        var options = (SGD.Options)optimizer.state_dict().Options[0];

        Numbers.Sample(n =>
        {
            using var step = NewDisposeScope();
            (options.LearningRate, options.momentum, options.dampening, options.weight_decay, options.nesterov) = (n.Rate,
                n.Momentum, n.Dampening, n.Decay, n.Nesterov);
            using (no_grad()) weight.fill_(1);
            weight.grad = ones(2, 2);
            var expected = Expected(n);

            Verdict(() => optimizer.step()).Should().Be(expected);

            if (expected is not null) weight.Equals(ones(2, 2)).Should().BeTrue();
        }, iter: 500, threads: 1);
    }

    private static string? Verdict(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (ArgumentException e)
        {
            return e.ParamName;
        }
    }

    private static string? Expected((double Rate, double Momentum, double Dampening, double Decay, bool Nesterov) n) =>
        !InRange(n.Rate) ? "lr"
        : !InRange(n.Momentum) ? "momentum"
        : !InRange(n.Decay) ? "weight_decay"
        : !float.IsFinite((float)n.Dampening) ? "dampening"
        : n.Nesterov && (n.Momentum <= 0 || n.Dampening != 0) ? "nesterov"
        : null;

    private static bool InRange(double value) => value >= 0 && float.IsFinite((float)value);
}
