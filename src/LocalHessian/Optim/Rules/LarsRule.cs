using System.Globalization;

namespace LocalHessian.Optim;

/// <summary>
/// τ‖W‖₂/(‖δW‖₂ + ε), or You's τ‖W‖₂/(‖δW‖₂ + λ‖W‖₂ + ε); one where a norm is zero (MATH §8). Clipped: min(that/η, 1).
/// </summary>
internal sealed class LarsRule : LayerwiseRule
{
    private readonly LarsForm _form;
    private readonly double _trust;
    private readonly double _epsilon;
    private readonly bool _clip;
    private readonly HeldVector _decays = new(ScalarType.Float64);
    private readonly HeldVector _rates = new(ScalarType.Float64);

    public LarsRule(LarsForm form, double? trustCoefficient, double epsilon, bool clip)
    {
        DefinedEnum.ThrowUnlessDefined(form, nameof(form));
        (_form, _epsilon, _clip) = (form, epsilon, clip);
        _trust = trustCoefficient ?? (form == LarsForm.You ? LARS.DefaultTrustCoefficient : 1);
        if (!(_trust > 0) || double.IsInfinity(_trust))
            throw new ArgumentOutOfRangeException(
                nameof(trustCoefficient), trustCoefficient, "The trust coefficient must be finite and above zero.");
        if (!(epsilon >= 0) || double.IsInfinity(epsilon))
            throw new ArgumentOutOfRangeException(nameof(epsilon), epsilon, "ε is a finite number that is not negative.");
    }

    public override IEnumerable<(string Name, string Value)> Settings =>
    [
        (nameof(LarsForm), $"{_form}"), ("trustCoefficient", _trust.ToString(CultureInfo.InvariantCulture)),
        ("epsilon", _epsilon.ToString(CultureInfo.InvariantCulture)), ("clip", _clip ? "true" : "false"),
    ];

    protected override Tensor Ratios(IReadOnlyList<ParameterUpdate> updates)
    {
        var (weights, gradients) = NormsOf(updates);
        var denominator = _form == LarsForm.You
            ? gradients + _decays.Of([.. updates.Select(u => u.Options.WeightDecay)], weights.device) * weights
            : gradients;
        // Named, so that no finalizer takes them while they are in use.
        using Scalar zero = 0, one = 1, trust = _trust, epsilon = _epsilon;
        if (_epsilon > 0) denominator = denominator.add(epsilon);
        var ratios = weights.mul(trust) / denominator;
        if (_clip) ratios = (ratios / _rates.Of([.. updates.Select(u => u.Options.LearningRate)], ratios.device)).clamp_max(one);
        return where(weights.gt(zero).logical_and(gradients.gt(zero)), ratios, ones_like(weights));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decays.Dispose();
            _rates.Dispose();
        }
        base.Dispose(disposing);
    }
}
