namespace LocalHessian.Optim;

/// <summary>What a step does about a gradient with NaN or infinity. Each choice holds for all parameters together.</summary>
public enum NonFiniteGradients
{
    /// <summary>Nothing, as SGD: the weight becomes non-finite. The default: it needs no pass over the gradients.</summary>
    Ignore,

    /// <summary>
    /// Leaves out the whole step: weights, momentum and schedule of measurements stay as they are. On the CPU a weight that
    /// is itself not finite is an error.
    /// </summary>
    Skip,

    /// <summary>Throws <see cref="NonFiniteException"/>, which names the parameter, before any weight moves.</summary>
    Throw,
}
