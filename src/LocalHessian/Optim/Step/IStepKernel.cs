namespace LocalHessian.Optim;

/// <summary>
/// One way to make the step of <see cref="ReferenceUpdate"/>, which is the specification. <see cref="StepKernels"/> chooses:
/// list kernels on a device; on the CPU small, then fused, then the reference, the first that serves.
/// </summary>
internal interface IStepKernel
{
    /// <summary>Whether this way gives the specified result for a parameter.</summary>
    /// <param name="update">The update.</param>
    /// <param name="multiplier">a; NaN on a device, where it is not known to the host.</param>
    bool Serves(ParameterUpdate update, double multiplier);

    /// <summary>Moves parameters, all of which it serves.</summary>
    /// <param name="batch">All that move, with their multipliers.</param>
    /// <param name="group">Which of them to move: indices of parameters with the same options.</param>
    void Apply(StepBatch batch, IReadOnlyList<int> group);
}
