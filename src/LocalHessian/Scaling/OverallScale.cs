namespace LocalHessian.Scaling;

/// <summary>
/// What fixes the common size of the steps: the one constant by which all multipliers may be changed without changing the
/// balance between blocks (MATH §6).
/// </summary>
public enum OverallScale
{
    /// <summary>
    /// The paper's: a weight's multiplier is ‖W_b‖²_F/D_B, so that the rate goes with the number of the network's outputs.
    /// Measured scales are brought to it: the median ratio of measured to closed-form scale, over the weights, is kept at one.
    /// The default.
    /// </summary>
    Paper,

    /// <summary>
    /// The paper's multipliers over the geometric mean of 2n_b/D_B, a number of the shapes alone: at customary initial weights
    /// (He et al. 2015, ‖W_b‖²_F ≈ 2n_b) they are one on geometric average, so that the rate means about what it means for SGD,
    /// for any number of outputs and any width.
    /// </summary>
    Unit,

    /// <summary>
    /// Nothing, for measured scales only: the multiplier is one over the measurement. Steps grow 10 to 80 times as training
    /// goes on (MATH §7).
    /// </summary>
    Measured,
}
