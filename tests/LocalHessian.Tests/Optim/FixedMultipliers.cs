using LocalHessian.Optim;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Tests.Optim;

/// <summary>An optimizer whose multipliers the test gives, to compare the ways a step is made.</summary>
internal sealed class FixedMultipliers(IReadOnlyList<Parameter> parameters, IReadOnlyList<double> multipliers,
    SGD.Options options)
    : ScaledSGD(new Rule(parameters, multipliers), parameters, new ScaledSGDOptions
    {
        LearningRate = options.LearningRate!.Value, momentum = options.momentum!.Value, dampening = options.dampening!.Value,
        weight_decay = options.weight_decay!.Value, nesterov = options.nesterov!.Value, maximize = options.maximize!.Value,
    })
{
    private sealed class Rule(IReadOnlyList<Parameter> parameters, IReadOnlyList<double> multipliers) : MultiplierRule
    {
        private readonly Dictionary<IntPtr, double> _multipliers = parameters.Zip(multipliers)
            .ToDictionary(p => p.First.Handle, p => p.Second);

        public override Tensor Multipliers(IReadOnlyList<ParameterUpdate> updates) =>
            tensor(updates.Select(u => _multipliers[u.Parameter.Handle]).ToArray(), ScalarType.Float64,
                updates[0].Parameter.device);
    }
}
