namespace LocalHessian.Optim;

/// <summary>A group's options at one step, complete and in range: they are validated once a group and step.</summary>
/// <param name="LearningRate">η, not negative.</param>
/// <param name="Momentum">μ, not negative.</param>
/// <param name="Dampening">d.</param>
/// <param name="WeightDecay">λ, not negative.</param>
/// <param name="Nesterov">Whether momentum is Nesterov's; then μ &gt; 0 and d = 0.</param>
/// <param name="Maximize">Whether to ascend.</param>
public readonly record struct StepOptions(
    double LearningRate, double Momentum, double Dampening, double WeightDecay, bool Nesterov, bool Maximize)
{
    /// <summary>What the direction is multiplied by on its way into the weight: −η, or η to ascend.</summary>
    internal double SignedRate => Maximize ? LearningRate : -LearningRate;

    /// <summary>1 − d, the share of a new direction that enters the momentum.</summary>
    internal double Undampened => 1 - Dampening;

    /// <exception cref="ArgumentException">An option is missing or out of range.</exception>
    internal static StepOptions Of(SGD.Options options)
    {
        Arguments.ThrowUnlessValid(options);
        return new(
            options.LearningRate!.Value, options.momentum!.Value, options.dampening!.Value, options.weight_decay!.Value,
            options.nesterov!.Value, options.maximize!.Value);
    }
}
