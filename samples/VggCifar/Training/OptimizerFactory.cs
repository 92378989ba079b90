using LocalHessian.Optim;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VggCifar.Training;

/// <summary>The optimizers that can be compared, by the names the command line knows.</summary>
internal static class OptimizerFactory
{
    public const string Sgd = "sgd", Nesterov = "nesterov", Lars = "lars", Lsalr = "lsalr", ScaleAmended = "sa";

    public static readonly IReadOnlyList<string> Names = [Sgd, Nesterov, Lars, Lsalr, ScaleAmended];

    /// <summary>What tables and legends call the optimizer.</summary>
    public static string Title(string name) => name switch
    {
        Sgd => "SGD",
        Nesterov => "SGD, Nesterov",
        Lars => "LARS",
        Lsalr => "LSALR",
        _ => "scale-amended SGD",
    };

    /// <summary>
    /// The paper's rates (section 4.1 and supplement D): 0.1, LARS 2; scale-amended SGD 0.1 with 100 classes and, as its steps are divided
    /// by the number of outputs, 0.005 with 10.
    /// </summary>
    public static double DefaultRate(string name, int classes) => name switch
    {
        Lars => 2,
        ScaleAmended when classes < 100 => 0.005,
        _ => 0.1,
    };

    /// <summary>The paper's weight decay: 0.005 for the two of section 4.1, 0.001 for the other baselines (supplement D).</summary>
    public static double DefaultWeightDecay(string name) => name is Sgd or ScaleAmended ? 5e-3 : 1e-3;

    public static OptimizerHelper Create(OptimizerSpec spec, Settings settings, nn.Module<Tensor, Tensor> network, Tensor example)
    {
        var parameters = network.parameters();
        var (rate, momentum, decay) = (spec.Rate, settings.Momentum, spec.WeightDecay);
        return spec.Optimizer switch
        {
            Sgd => optim.SGD(parameters, rate, momentum, weight_decay: decay),
            Nesterov => optim.SGD(parameters, rate, momentum, weight_decay: decay, nesterov: true),
            Lars => new LARS(parameters, rate, momentum, weight_decay: decay, trustCoefficient: settings.LarsTrust),
            Lsalr => new LSALR(parameters, rate, momentum, weight_decay: decay),
            ScaleAmended => new ScaleAmendedSGD(network, example, rate, momentum, weight_decay: decay),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Optimizer, "unknown optimizer"),
        };
    }
}
