namespace LocalHessian.Optim;

/// <summary>
/// Layer-specific adaptive learning rates (Singh et al. 2015): SGD whose rate for a layer is η(1 + log(1 + 1/‖δW‖₂))
/// (supplement D; MATH §8).
/// </summary>
/// <remarks>
/// The ratio multiplies δW + λW before momentum; it is one where the gradient is zero. Norms of weights are not needed: on
/// the CPU a non-finite weight is looked for, and reported by name, when a gradient's norm is not finite.
/// </remarks>
public sealed class LSALR : ScaledSGD
{
    /// <summary>Optimises parameters in one group.</summary>
    /// <param name="parameters">The parameters; those with one dimension keep the multiplier one.</param>
    /// <param name="lr">Global rate η; the paper uses 0.1.</param>
    /// <param name="momentum">Momentum. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ. Default 0; the paper uses 1e-3.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public LSALR(
        IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
        : base(new LsalrRule(), parameters, ScaledSGDOptions.Of(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }

    /// <inheritdoc cref="LSALR(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
    /// <summary>
    /// Optimises a network's parameters in one group; messages and state files name them, and the network stays alive with
    /// the optimizer.
    /// </summary>
    public LSALR(
        nn.Module network, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
        : base(new LsalrRule(), network, ScaledSGDOptions.Of(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }

    /// <inheritdoc cref="LSALR(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
    /// <summary>
    /// Optimises named parameters in one group, as <c>network.named_parameters()</c>; messages and state files name them.
    /// </summary>
    public LSALR(
        IEnumerable<(string name, Parameter parameter)> parameters, double lr, double momentum = 0, double dampening = 0,
        double weight_decay = 0, bool nesterov = false, bool maximize = false)
        : base(new LsalrRule(), parameters, ScaledSGDOptions.Of(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }

    /// <inheritdoc cref="LSALR(IEnumerable{Parameter}, double, double, double, double, bool, bool)"/>
    /// <summary>
    /// Optimises parameter groups; options they leave open are taken from the other arguments, see
    /// <see cref="ScaledSGD.add_param_group"/>.
    /// </summary>
    public LSALR(
        IEnumerable<SGD.ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
        : base(new LsalrRule(), parameters, ScaledSGDOptions.Of(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }
}
