namespace LocalHessian.Tests.Cases;

/// <summary>
/// Tests that fail on libtorch's lazy device by a fault of its own, and which: what it has no kernel for, or computes wrongly.
/// The table of docs/lazy-device.md is made of it.
/// </summary>
public static class LazyFaults
{
    private static readonly (string Test, string Fault)[] All = [];

    /// <summary>Which fault a test shows; null on other devices, and where it shows none.</summary>
    /// <param name="test">Class and method behind <c>LocalHessian.Tests.</c>, with or without the case.</param>
    public static string? Of(string test) => TestDevice.Name != "lazy" ? null
        : All.FirstOrDefault(f => test.StartsWith(f.Test, StringComparison.Ordinal)).Fault;
}
