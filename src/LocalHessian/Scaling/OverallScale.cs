namespace LocalHessian.Scaling;

/// <summary>What fixes the common size of measured steps.</summary>
public enum OverallScale
{
    /// <summary>
    /// The median ratio of measured to closed-form scale, over the weights, is kept at one: measurements decide how blocks
    /// differ, the closed form ‖W_b‖²_F/D_B (MATH §6) decides how large steps are, so the same learning rate serves both. The
    /// default.
    /// </summary>
    ClosedForm,

    /// <summary>
    /// Nothing: the scale is one over the measurement. Steps grow 10 to 80 times as training goes on (MATH §7).
    /// </summary>
    Measured,
}
