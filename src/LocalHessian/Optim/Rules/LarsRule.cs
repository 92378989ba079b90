using System.Globalization;
using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>τ‖W‖₂/‖δW‖₂, or You's τ‖W‖₂/(‖δW‖₂ + λ‖W‖₂); one where a norm is zero (MATH §8).</summary>
internal sealed class LarsRule : LayerwiseRule
{
    private readonly LarsForm _form;
    private readonly double _trust;
    private readonly HeldVector _decays = new(ScalarType.Float64);

    public LarsRule(LarsForm form, double? trustCoefficient)
    {
        DefinedEnum.ThrowUnlessDefined(form, nameof(form));
        _form = form;
        _trust = trustCoefficient ?? (form == LarsForm.You ? LARS.DefaultTrustCoefficient : 1);
        if (!(_trust > 0) || double.IsInfinity(_trust))
            throw new ArgumentOutOfRangeException(
                nameof(trustCoefficient), trustCoefficient, "The trust coefficient must be finite and above zero.");
    }

    public override IEnumerable<(string Name, string Value)> Settings =>
        [(nameof(LarsForm), $"{_form}"), ("trustCoefficient", _trust.ToString(CultureInfo.InvariantCulture))];

    protected override Tensor Ratios(IReadOnlyList<ParameterUpdate> updates)
    {
        var (weights, gradients) = NormsOf(updates);
        var denominator = _form == LarsForm.You
            ? gradients + _decays.Of([.. updates.Select(u => u.Options.WeightDecay)], weights.device) * weights
            : gradients;
        return where((weights > 0).logical_and(gradients > 0), _trust * weights / denominator, ones_like(weights));
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) _decays.Dispose();
        base.Dispose(disposing);
    }
}
