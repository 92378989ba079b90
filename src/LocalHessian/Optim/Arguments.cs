namespace LocalHessian.Optim;

/// <summary>What every optimizer here demands of its hyperparameters, at construction and again at each step.</summary>
internal static class Arguments
{
    /// <summary>Takes what a group's options leave open from the defaults. After an error they are as before.</summary>
    public static void Complete(SGD.Options options, SGD.Options defaults)
    {
        var rate = options.LearningRate ?? defaults.LearningRate;
        var complete = new SGD.Options
        {
            LearningRate = rate, InitialLearningRate = rate!.Value,
            momentum = options.momentum ?? defaults.momentum, dampening = options.dampening ?? defaults.dampening,
            weight_decay = options.weight_decay ?? defaults.weight_decay,
            nesterov = options.nesterov ?? defaults.nesterov, maximize = options.maximize ?? defaults.maximize,
        };
        ThrowUnlessValid(complete);
        options.LoadStateDict(complete);
    }

    public static void ThrowUnlessValid(SGD.Options options)
    {
        ThrowIfNegative(options.LearningRate, "lr", "learning rate");
        ThrowIfNegative(options.momentum, "momentum", "momentum");
        ThrowIfNegative(options.weight_decay, "weight_decay", "weight decay");
        if (options.dampening is not { } dampening || !InRange(dampening))
            throw new ArgumentOutOfRangeException(
                "dampening", options.dampening, "The dampening must be finite, also in float32.");
        if (options.nesterov is null) throw new ArgumentException("Whether momentum is Nesterov's is not set.", "nesterov");
        if (options.maximize is null) throw new ArgumentException("Whether to maximize is not set.", "maximize");
        if (options.nesterov.Value && (options.momentum <= 0 || options.dampening != 0))
            throw new ArgumentException("Nesterov momentum requires a momentum above zero and zero dampening.", "nesterov");
    }

    public static void ThrowIfNegative(double? value, string name, string words)
    {
        if (value is >= 0 && InRange(value.Value)) return;
        throw new ArgumentOutOfRangeException(
            name, value, $"The {words} must be a number that is not negative and finite, also in float32.");
    }

    /// <summary>
    /// Beyond float32 a scalar is refused by the kernels of the lower precisions, when part of the step is done.
    /// </summary>
    private static bool InRange(double value) => float.IsFinite((float)value);
}
