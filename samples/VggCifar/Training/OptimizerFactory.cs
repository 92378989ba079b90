using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VggCifar.Training;

/// <summary>The optimizers that can be compared, by the names the command line knows.</summary>
internal static class OptimizerFactory
{
    public const string Sgd = "sgd", Nesterov = "nesterov";

    public static readonly IReadOnlyList<string> Names = [Sgd, Nesterov];

    /// <summary>What tables and legends call the optimizer.</summary>
    public static string Title(string name) => name switch
    {
        Sgd => "SGD",
        Nesterov => "SGD, Nesterov",
        _ => name,
    };

    /// <summary>The paper's rate: 0.1 (section 4.1).</summary>
    public static double DefaultRate(string name, int classes) => name switch
    {
        _ => 0.1,
    };

    /// <summary>The paper's weight decay: 0.005 for the comparison of section 4.1, 0.001 for the baselines of supplement D.</summary>
    public static double DefaultWeightDecay(string name) => name == Sgd ? 5e-3 : 1e-3;

    public static OptimizerHelper Create(OptimizerSpec spec, Settings settings, nn.Module<Tensor, Tensor> network, Tensor example)
    {
        var parameters = network.parameters();
        return spec.Optimizer switch
        {
            Sgd => optim.SGD(parameters, spec.Rate, settings.Momentum, weight_decay: spec.WeightDecay),
            Nesterov => optim.SGD(parameters, spec.Rate, settings.Momentum, weight_decay: spec.WeightDecay, nesterov: true),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Optimizer, "unknown optimizer"),
        };
    }
}
