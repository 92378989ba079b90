using LocalHessian.Optim;
using LocalHessian.Scaling;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace VggCifar.Training;

/// <summary>The optimizers that can be compared, by the names the command line knows.</summary>
internal static class OptimizerFactory
{
    public const string Sgd = "sgd", Nesterov = "nesterov", AdamW = "adamw", Lars = "lars", Lsalr = "lsalr", ScaleAmended = "sa";
    public const string Unit = "sa-unit", Measured = "sa-measured", MeasuredUnit = "sa-measured-unit",
        MeasuredCrossEntropy = "sa-measured-ce", Raw = "sa-composite-raw", BlockTrace = "sa-block-trace",
        BlockRayleigh = "sa-block-rayleigh";

    public static readonly IReadOnlyList<string> Names =
    [
        Sgd, Nesterov, AdamW, Lars, Lsalr, ScaleAmended, Unit, Measured, MeasuredUnit, MeasuredCrossEntropy, Raw, BlockTrace,
        BlockRayleigh,
    ];

    /// <summary>Measurements as they are, the trials of docs/mathematics.md §7.</summary>
    private static readonly MeasurementOptions Naive = new() { Bound = double.PositiveInfinity };

    public static bool IsScaleAmended(string name) => name.StartsWith(ScaleAmended, StringComparison.Ordinal);

    /// <summary>Whether the optimizer measures its scales.</summary>
    public static bool Measures(string name) => IsScaleAmended(name) && name is not (ScaleAmended or Unit);

    /// <summary>What tables and legends call the optimizer.</summary>
    public static string Title(string name) => name switch
    {
        Sgd => "SGD",
        Nesterov => "SGD, Nesterov",
        AdamW => "AdamW",
        Lars => "LARS",
        Lsalr => "LSALR",
        Unit => "scale-amended SGD, unit scale",
        Measured => "scale-amended SGD, measured",
        MeasuredUnit => "scale-amended SGD, measured, unit scale",
        MeasuredCrossEntropy => "scale-amended SGD, measured with the Hessian of cross entropy",
        Raw => "scale-amended SGD, composite without bounds",
        BlockTrace => "scale-amended SGD, trace by block without bounds",
        BlockRayleigh => "scale-amended SGD, Rayleigh quotient by block without bounds",
        _ => "scale-amended SGD",
    };

    /// <summary>
    /// The paper's rates (section 4.1 and supplement D): 0.1, LARS 2; scale-amended SGD 0.1 with 100 classes and, as its
    /// steps are divided by the number of outputs, 0.005 with 10. With <see cref="OverallScale.Unit"/> 0.05 for any number;
    /// AdamW's own 0.001.
    /// </summary>
    public static double DefaultRate(string name, int classes) => name switch
    {
        Lars => 2,
        AdamW => 0.001,
        Unit or MeasuredUnit => 0.05,
        _ when IsScaleAmended(name) && classes < 100 => 0.005,
        _ => 0.1,
    };

    /// <summary>
    /// The paper's rate and, where a short run wants another, that one too: an untuned baseline proves nothing.
    /// </summary>
    public static IReadOnlyList<double> DemonstrationRates(string name, int classes) => name switch
    {
        Lars => [2],
        AdamW => [0.001, 0.003],
        Unit or MeasuredUnit => [0.05],
        ScaleAmended when classes < 100 => [0.005, 0.02],
        ScaleAmended => [0.05, 0.1],
        _ => [0.02, 0.1],
    };

    /// <summary>
    /// The paper's weight decay: 0.005 for the two of section 4.1, 0.001 for the other baselines (supplement D); AdamW's own
    /// 0.01, which is not a gradient's.
    /// </summary>
    public static double DefaultWeightDecay(string name) => name switch
    {
        AdamW => 1e-2,
        Sgd => 5e-3,
        _ => IsScaleAmended(name) ? 5e-3 : 1e-3,
    };

    public static OptimizerHelper Create(OptimizerSpec spec, Settings settings, nn.Module<Tensor, Tensor> network, Tensor example)
    {
        var parameters = network.parameters();
        var (rate, momentum, decay) = (spec.Rate, settings.Momentum, spec.WeightDecay);
        return spec.Optimizer switch
        {
            Sgd => optim.SGD(parameters, rate, momentum, weight_decay: decay),
            Nesterov => optim.SGD(parameters, rate, momentum, weight_decay: decay, nesterov: true),
            AdamW => optim.AdamW(parameters, rate, beta1: momentum, weight_decay: decay),
            Lars => new LARS(parameters, rate, momentum, weight_decay: decay, trustCoefficient: settings.LarsTrust),
            Lsalr => new LSALR(parameters, rate, momentum, weight_decay: decay),
            ScaleAmended => new ScaleAmendedSGD(network, example, rate, momentum, weight_decay: decay),
            Unit => ScaleAmendedBy(new ScalingOptions { Overall = OverallScale.Unit }),
            Measured => ScaleAmendedBy(new ScalingOptions { Source = ScaleSource.Composite }),
            MeasuredUnit => ScaleAmendedBy(new ScalingOptions { Source = ScaleSource.Composite, Overall = OverallScale.Unit }),
            MeasuredCrossEntropy =>
                ScaleAmendedBy(new ScalingOptions { Source = ScaleSource.Composite, Head = HeadRule.CrossEntropy }),
            Raw => ScaleAmendedBy(AsMeasured(ScaleSource.Composite)),
            BlockTrace => ScaleAmendedBy(AsMeasured(ScaleSource.BlockTrace)),
            BlockRayleigh => ScaleAmendedBy(AsMeasured(ScaleSource.BlockRayleigh)),
            _ => throw new ArgumentOutOfRangeException(nameof(spec), spec.Optimizer, "unknown optimizer"),
        };

        ScalingOptions AsMeasured(ScaleSource source) =>
            new() { Source = source, Overall = OverallScale.Measured, Measurement = Naive };

        ScaleAmendedSGD ScaleAmendedBy(ScalingOptions scaling) =>
            new(network, example, rate, momentum, weight_decay: decay, scaling: scaling);
    }
}
