using TorchSharp.Modules;

namespace LocalHessian.Optim;

/// <summary>What every optimizer here demands of its hyperparameters, at construction and again at each step.</summary>
internal static class Arguments
{
    public static SGD.Options Defaults(double lr, double momentum, double dampening, double weight_decay, bool nesterov, bool maximize)
    {
        var options = new SGD.Options
        {
            LearningRate = lr, InitialLearningRate = lr, momentum = momentum, dampening = dampening,
            weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
        };
        Check(options);
        return options;
    }

    /// <summary>Options of a group, with what it leaves open taken from the defaults.</summary>
    public static void Complete(SGD.Options options, SGD.Options defaults)
    {
        options.LearningRate ??= defaults.LearningRate;
        options.momentum ??= defaults.momentum;
        options.dampening ??= defaults.dampening;
        options.weight_decay ??= defaults.weight_decay;
        options.nesterov ??= defaults.nesterov;
        options.maximize ??= defaults.maximize;
        options.InitialLearningRate = options.LearningRate!.Value;
        Check(options);
    }

    public static void Check(SGD.Options options)
    {
        NotNegative(options.LearningRate!.Value, "lr", "learning rate");
        NotNegative(options.momentum!.Value, "momentum", "momentum");
        NotNegative(options.weight_decay!.Value, "weight_decay", "weight decay");
        if (!double.IsFinite(options.dampening!.Value))
            throw new ArgumentOutOfRangeException("dampening", options.dampening, "The dampening must be finite.");
        if (options.nesterov!.Value && (options.momentum <= 0 || options.dampening != 0))
            throw new ArgumentException("Nesterov momentum requires a momentum above zero and zero dampening.", "nesterov");
    }

    public static void NotNegative(double value, string name, string words)
    {
        if (!(value >= 0) || double.IsInfinity(value))
            throw new ArgumentOutOfRangeException(name, value, $"The {words} must be a finite number that is not negative.");
    }
}
