using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>Layer-specific adaptive learning rates (Singh et al. 2015): SGD whose rate for a layer is η(1 + log(1 + 1/‖δW‖₂)) (supplement D; MATH §8).</summary>
/// <remarks>
/// The factor multiplies δW + λW before momentum; it is one where the gradient is zero. Norms of weights are not needed: on the CPU a
/// non-finite weight is looked for, and reported by name, when a gradient's norm is not finite.
/// </remarks>
public sealed class LSALR : LayerwiseSGD
{
    /// <summary>Optimises parameters in one group.</summary>
    /// <param name="parameters">The parameters; those with one dimension are not scaled.</param>
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
        : this(OneGroup(parameters), lr, momentum, dampening, weight_decay, nesterov, maximize)
    {
    }

    /// <summary>Optimises parameter groups.</summary>
    /// <param name="groups">The groups; options they leave open are taken from the other arguments.</param>
    /// <param name="lr">Global rate η; the paper uses 0.1.</param>
    /// <param name="momentum">Momentum. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ. Default 0; the paper uses 1e-3.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public LSALR(
        IEnumerable<SGD.ParamGroup> groups, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false)
        : base(groups, Arguments.Defaults(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }

    private protected override Tensor Factors(List<ParameterUpdate> updates)
    {
        using var gradients = Norms.Of([.. updates.Select(u => u.Gradient)]);
        if (FiniteChecks.ShowsNonFinite(gradients)) RequireFiniteWeights(updates);
        return where(gradients > 0, 1 + gradients.reciprocal().log1p(), ones_like(gradients));
    }
}
