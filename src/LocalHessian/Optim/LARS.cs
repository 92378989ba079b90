using System.Globalization;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>Layer-wise adaptive rate scaling: SGD whose rate for a layer is proportional to ‖W‖₂/‖δW‖₂ (supplement D; MATH §8).</summary>
/// <remarks>
/// The factor multiplies δW + λW before momentum. Where a norm is zero it is one. In the paper's form, with the paper's η = 2
/// and no trust coefficient, the first step of a layer has twice the norm of its weight; the paper presumably used a
/// coefficient too: <c>trustCoefficient: 1e-3</c>.
/// </remarks>
public sealed class LARS : LayerwiseSGD
{
    /// <summary>Default trust coefficient of <see cref="LarsForm.You"/>, from You, Gitman and Ginsburg 2017.</summary>
    public const double DefaultTrustCoefficient = 1e-3;

    private readonly LarsForm _form;
    private readonly double _trust;

    /// <summary>Optimises parameters in one group.</summary>
    /// <param name="parameters">The parameters; those with one dimension are not scaled.</param>
    /// <param name="lr">Global rate η; the paper uses 2.</param>
    /// <param name="momentum">Momentum. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ. Default 0; the paper uses 1e-3.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <param name="form">Which published form. Default the paper's.</param>
    /// <param name="trustCoefficient">τ; null for 1 in the paper's form and <see cref="DefaultTrustCoefficient"/> in You's.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public LARS(
        IEnumerable<Parameter> parameters, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false, LarsForm form = LarsForm.Paper, double? trustCoefficient = null)
        : this(OneGroup(parameters), lr, momentum, dampening, weight_decay, nesterov, maximize, form, trustCoefficient)
    {
    }

    /// <summary>Optimises parameter groups.</summary>
    /// <param name="groups">The groups; options they leave open are taken from the other arguments.</param>
    /// <param name="lr">Global rate η; the paper uses 2.</param>
    /// <param name="momentum">Momentum. Default 0.</param>
    /// <param name="dampening">Dampening of the momentum. Default 0.</param>
    /// <param name="weight_decay">Weight decay λ. Default 0; the paper uses 1e-3.</param>
    /// <param name="nesterov">Nesterov momentum. Default false.</param>
    /// <param name="maximize">Ascend instead of descending. Default false.</param>
    /// <param name="form">Which published form. Default the paper's.</param>
    /// <param name="trustCoefficient">τ; null for 1 in the paper's form and <see cref="DefaultTrustCoefficient"/> in You's.</param>
    /// <exception cref="ArgumentException">An argument is out of range.</exception>
    public LARS(
        IEnumerable<SGD.ParamGroup> groups, double lr, double momentum = 0, double dampening = 0, double weight_decay = 0,
        bool nesterov = false, bool maximize = false, LarsForm form = LarsForm.Paper, double? trustCoefficient = null)
        : base(groups, Arguments.Defaults(lr, momentum, dampening, weight_decay, nesterov, maximize))
    {
        Arguments.Defined(form, nameof(form));
        _form = form;
        _trust = trustCoefficient ?? (form == LarsForm.You ? DefaultTrustCoefficient : 1);
        if (!(_trust > 0) || double.IsInfinity(_trust))
            throw new ArgumentOutOfRangeException(nameof(trustCoefficient), trustCoefficient, "The trust coefficient must be finite and above zero.");
    }

    private protected override IEnumerable<(string Name, string Value)> Settings =>
        [(nameof(LarsForm), $"{_form}"), ("trustCoefficient", _trust.ToString(CultureInfo.InvariantCulture))];

    private protected override Tensor Factors(List<ParameterUpdate> updates)
    {
        // Weight and gradient of a layer together: the step that follows finds more of both in the cache.
        using var norms = Norms.Of([.. updates.SelectMany(u => new[] { u.Parameter, u.Gradient })]);
        using var weights = norms.slice(0, 0, norms.shape[0], 2);
        using var gradients = norms.slice(0, 1, norms.shape[0], 2);
        FiniteChecks.RequireFinite(weights, i => NameOf(updates[i].Parameter));
        using var decays = tensor(updates.Select(u => u.Options.weight_decay!.Value).ToArray(), ScalarType.Float64, weights.device);
        var denominator = _form == LarsForm.You ? gradients + decays * weights : gradients;
        return where((weights > 0).logical_and(gradients > 0), _trust * weights / denominator, ones_like(weights));
    }
}
