namespace LocalHessian.Scaling;

/// <summary>What has been measured of one parameter, beside the closed form, at the last refresh.</summary>
/// <param name="Parameter">Its dotted name.</param>
/// <param name="Latest">The last refresh's estimate of tr(H)/dim, which stands for m·m_{b,W}.</param>
/// <param name="Smoothed">The same, smoothed over refreshes.</param>
/// <param name="ClosedForm">
/// 1/<c>Multiplier</c> of the closed form, m·m_{b,W} = D_B/‖W_b‖²_F; NaN where no closed form holds.
/// </param>
/// <param name="Multiplier">The multiplier in use: one over the smoothed value, times the overall scale, bounded.</param>
public sealed record MeasuredScale(string Parameter, double Latest, double Smoothed, double ClosedForm, double Multiplier);
