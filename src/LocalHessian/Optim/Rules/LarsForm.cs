namespace LocalHessian.Optim;

/// <summary>The two published forms of the layer-wise rate of LARS (MATH §8).</summary>
public enum LarsForm
{
    /// <summary>η‖W‖₂/‖δW‖₂, supplement D of Zhang, Chen and Liu 2018.</summary>
    Paper,

    /// <summary>η·τ‖W‖₂/(‖δW‖₂ + λ‖W‖₂) with a trust coefficient τ, You, Gitman and Ginsburg 2017.</summary>
    You,
}
