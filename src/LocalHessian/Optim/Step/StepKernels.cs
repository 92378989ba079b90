namespace LocalHessian.Optim;

/// <summary>
/// The step by whatever is fastest where the tensors are, each way doing what <see cref="ReferenceUpdate"/> specifies.
/// </summary>
internal static class StepKernels
{
    private static readonly IStepKernel Listed = new ListedUpdate();

    /// <summary>On the CPU, in the order of preference; the last serves all.</summary>
    private static readonly IStepKernel[] OnCpu = [new SmallUpdate(), new FusedUpdate(), new ReferenceUpdate()];

    /// <summary>In which order the ways move their parameters: the large ones are still in the cache.</summary>
    private static readonly int[] Turns = [1, 0, 2];

    public static void Apply(StepBatch batch)
    {
        if (batch.Values is not { } values)
        {
            Apply(Listed, batch);
            return;
        }

        var served = Array.ConvertAll(OnCpu, _ => new List<int>(values.Length));
        for (var i = 0; i < values.Length; i++)
            served[Array.FindIndex(OnCpu, kernel => kernel.Serves(batch.Updates[i], values[i]))].Add(i);
        foreach (var turn in Turns) Apply(OnCpu[turn], batch, served[turn]);
    }

    /// <summary>All by one way, whether or not another would be faster.</summary>
    public static void Apply(IStepKernel kernel, StepBatch batch) =>
        Apply(kernel, batch, [.. Enumerable.Range(0, batch.Updates.Count)]);

    /// <summary>Runs of parameters with the same options, which follow one another in a group.</summary>
    private static void Apply(IStepKernel kernel, StepBatch batch, List<int> indices)
    {
        for (var from = 0; from < indices.Count;)
        {
            var (to, options) = (from + 1, batch.Updates[indices[from]].Options);
            while (to < indices.Count && batch.Updates[indices[to]].Options == options) to++;
            kernel.Apply(batch, from == 0 && to == indices.Count ? indices : indices[from..to]);
            from = to;
        }
    }
}
