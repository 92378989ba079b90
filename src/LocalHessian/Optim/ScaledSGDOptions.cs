namespace LocalHessian.Optim;

/// <summary>The defaults of an optimizer's groups: the options of TorchSharp's SGD under the same names.</summary>
public record ScaledSGDOptions
{
    /// <summary>Learning rate η.</summary>
    /// <value>Not negative, finite, also in float32.</value>
    public required double LearningRate { get; init; }

    /// <summary>Momentum μ.</summary>
    /// <value>Not negative; the default is 0.</value>
    public double momentum { get; init; }

    /// <summary>Dampening d of the momentum.</summary>
    /// <value>Finite; the default is 0.</value>
    public double dampening { get; init; }

    /// <summary>Weight decay λ, added to the gradient before it is multiplied.</summary>
    /// <value>Not negative; the default is 0.</value>
    public double weight_decay { get; init; }

    /// <summary>Nesterov momentum, which needs a momentum and no dampening.</summary>
    /// <value>The default is false.</value>
    public bool nesterov { get; init; }

    /// <summary>Ascend instead of descending.</summary>
    /// <value>The default is false.</value>
    public bool maximize { get; init; }

    internal static ScaledSGDOptions Of(
        double lr, double momentum, double dampening, double weight_decay, bool nesterov, bool maximize) => new()
        {
            LearningRate = lr, momentum = momentum, dampening = dampening, weight_decay = weight_decay, nesterov = nesterov,
            maximize = maximize,
        };

    /// <exception cref="ArgumentException">An option is out of range.</exception>
    internal SGD.Options Validated()
    {
        var options = new SGD.Options
        {
            LearningRate = LearningRate, InitialLearningRate = LearningRate, momentum = momentum, dampening = dampening,
            weight_decay = weight_decay, nesterov = nesterov, maximize = maximize,
        };
        Arguments.ThrowUnlessValid(options);
        return options;
    }
}
