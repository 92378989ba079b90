namespace LocalHessian.Tests.Cases;

/// <summary>
/// What libtorch's lazy device has no kernel for, or does wrongly, and how a test that meets it fails. The list in
/// docs/lazy-device.md is this one.
/// </summary>
public static class LazyFaults
{
    /// <summary>Which cases, what the failure says, and the fault.</summary>
    private static readonly (string Cases, string Says, string Fault)[] All =
    [
        ("", "must match the size of tensor b (0)",
            "batch norm has no second derivative while its running statistics are held: the mean it keeps is empty"),
        ("", "SparseLazy", "there are no sparse tensors"),
        ("SyncBatchNormTests.On_any_shards", "{0.0, 0.0, 0.0, 0.0, 1.0", Statistics),
        ("MeasuredScalesTests.Measuring_leaves", "running_mean", Statistics),
        ("ScopeTests.Held_statistics", "to be False, but found True", Statistics),
        ("ScopeTests.A_snapshot", "to be False, but found True", Statistics),
        ("RandomVectorsTests.Signs", "but found 20L", "a tensor's strides are always those of its rows"),
        ("CurvatureFaultTests.An_operation", "TorchScript interpreter", Grid),
        ("CurvatureFaultTests.No_tensor", "held other numbers", Grid),
        ("network: attention", "is not a lazy tensor", "`split`, in attention, returns tensors of the CPU"),
        ("vision transformer", "is not a lazy tensor", "`split`, in attention, returns tensors of the CPU"),
        ("AnyNetworkTests.Attention", "is not a lazy tensor", "`split`, in attention, returns tensors of the CPU"),
        ("LSTM classifier", "not at the same device", "there is no LSTM"),
        ("AnyNetworkTests.Wrong_inputs", "", "an operation that cannot be done fails later, where it is evaluated"),
        ("KroneckerChunkTests.A_sum", "non-functional tensor", "no sum of products into a part of a part of a tensor"),
        ("OperationSequenceTests.Random", "CsCheck_Seed", Early),
        ("OptimizerRanksTests.", "", "what several threads record gets mixed"),
    ];

    private const string Grid = "`affine_grid` mixes float32 into float64, and its remains keep later draws from being evaluated";
    private const string Early = "now and then a tensor is read before it has its numbers, or is drawn again";
    private const string Statistics = "batch norm's running statistics do not move";

    /// <summary>The fault that a failure shows; null for a failure of our own, and on other devices.</summary>
    /// <param name="test">The test with its case.</param>
    /// <param name="message">How it failed.</param>
    public static string? Of(string test, string message) => TestDevice.Name != "lazy" ? null
        : Array.Find(All, f => test.Contains(f.Cases, StringComparison.Ordinal)
            && message.Contains(f.Says, StringComparison.Ordinal)).Fault;
}
