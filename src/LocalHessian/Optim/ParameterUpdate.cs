namespace LocalHessian.Optim;

/// <summary>One parameter that a step is about to move.</summary>
public sealed class ParameterUpdate
{
    private readonly ScaledSGD _optimizer;

    internal ParameterUpdate(Parameter parameter, Tensor gradient, SGDState state, StepOptions options, ScaledSGD optimizer) =>
        (Parameter, Gradient, State, Options, _optimizer) = (parameter, gradient, state, options, optimizer);

    /// <summary>The parameter, as it is before the step.</summary>
    public Parameter Parameter { get; }

    /// <summary>Its gradient, dense, of its shape, dtype and device. Steps never change it.</summary>
    public Tensor Gradient { get; }

    /// <summary>The options of its group at this step.</summary>
    public StepOptions Options { get; }

    /// <summary>What messages call it: <c>'0.weight'</c>, or <c>of shape [3, 4]</c> where names are not known.</summary>
    public string Name => _optimizer.NameOf(Parameter);

    internal SGDState State { get; }
}
