namespace LocalHessian.Optim;

/// <summary>
/// Layer-wise adaptive rate scaling: SGD whose rate for a layer is proportional to ‖W‖₂/‖δW‖₂ (supplement D; MATH §8).
/// </summary>
/// <remarks>
/// The ratio multiplies δW + λW before momentum. Where a norm is zero it is one. In the paper's form, with the paper's η = 2
/// and no trust coefficient, the first step of a layer has twice the norm of its weight; the paper presumably used a
/// coefficient too: <c>trustCoefficient: 1e-3</c>.
/// </remarks>
public sealed class LARS : ScaledSGD
{
    /// <summary>Default trust coefficient of <see cref="LarsForm.You"/>, from You, Gitman and Ginsburg 2017.</summary>
    public const double DefaultTrustCoefficient = 1e-3;

    /// <summary>Optimises parameters in one group.</summary>
    /// <param name="parameters">The parameters; those with one dimension keep the multiplier one.</param>
    /// <param name="lr">Global rate η; the paper uses 2.</param>
    /// <param name="momentum">Momentum. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ. Default 0; the paper uses 1e-3.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <param name="form">Which published form. Default the paper's.</param>
    /// <param name="trustCoefficient">
    /// τ; null for 1 in the paper's form and <see cref="DefaultTrustCoefficient"/> in You's.
    /// </param>
    /// <param name="epsilon">ε, added to the denominator of the ratio. Default 0; NVIDIA's LARC has 1e-8.</param>
    /// <param name="clip">
    /// LARC's clipping: the rate of a layer, η times its ratio, is min(ratio, η) instead, so that η is an upper bound. Default
    /// false.
    /// </param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public LARS(
        IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false, LarsForm form = LarsForm.Paper, double? trustCoefficient = null,
        double epsilon = 0, bool clip = false)
        : base(new LarsRule(form, trustCoefficient, epsilon, clip), parameters,
        ScaledSGDOptions.Of(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }

    /// <inheritdoc
    /// cref="LARS(IEnumerable{Parameter}, double, double, double, double, bool, bool, LarsForm, double?, double, bool)"/>
    /// <summary>
    /// Optimises a network's parameters in one group; messages and state files name them, and the network stays alive with
    /// the optimizer.
    /// </summary>
    public LARS(
        nn.Module network, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false, LarsForm form = LarsForm.Paper, double? trustCoefficient = null,
        double epsilon = 0, bool clip = false)
        : base(new LarsRule(form, trustCoefficient, epsilon, clip), network,
        ScaledSGDOptions.Of(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }

    /// <inheritdoc
    /// cref="LARS(IEnumerable{Parameter}, double, double, double, double, bool, bool, LarsForm, double?, double, bool)"/>
    /// <summary>
    /// Optimises named parameters in one group, as <c>network.named_parameters()</c>; messages and state files name them.
    /// </summary>
    public LARS(
        IEnumerable<(string name, Parameter parameter)> parameters, double lr, double momentum = 0, double dampening = 0,
        double weight_decay = 0, bool nesterov = false, bool maximize = false, LarsForm form = LarsForm.Paper,
        double? trustCoefficient = null, double epsilon = 0, bool clip = false)
        : base(new LarsRule(form, trustCoefficient, epsilon, clip), parameters,
        ScaledSGDOptions.Of(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }

    /// <inheritdoc
    /// cref="LARS(IEnumerable{Parameter}, double, double, double, double, bool, bool, LarsForm, double?, double, bool)"/>
    /// <summary>
    /// Optimises parameter groups; options they leave open are taken from the other arguments, see
    /// <see cref="ScaledSGD.add_param_group"/>.
    /// </summary>
    public LARS(
        IEnumerable<SGD.ParamGroup> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false, LarsForm form = LarsForm.Paper, double? trustCoefficient = null,
        double epsilon = 0, bool clip = false)
        : base(new LarsRule(form, trustCoefficient, epsilon, clip), parameters,
        ScaledSGDOptions.Of(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
    }
}
