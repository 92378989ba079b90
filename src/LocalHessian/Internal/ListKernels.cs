namespace LocalHessian.Internal;

/// <summary>
/// libtorch's list kernels for norms, which the framework offers to scripts only: one launch on a device for many tensors of
/// any floating-point dtype, each in float64, which neither the squares of float32 nor those of half precision leave.
/// </summary>
internal static class ListKernels
{
    // 7 is float64. The parser needs the empty line at the end.
    private static readonly Lazy<jit.CompilationUnit> Unit = new(() => jit.compile("""
        def norms(ts: List[Tensor]):
            return torch.stack(torch._foreach_norm(ts, 2, dtype=7))

        def largest(ts: List[Tensor]):
            return torch.stack(torch._foreach_norm(ts, float('inf'), dtype=7))

        """));

    /// <summary>‖·‖₂ of each tensor as a float64 vector on their device, without waiting for it.</summary>
    /// <param name="tensors">At least one, all on one device.</param>
    public static Tensor Norms(Tensor[] tensors) => Unit.Value.invoke<Tensor>("norms", (object)tensors);

    /// <summary>The largest magnitude of each in the same way; NaN where there is one.</summary>
    /// <param name="tensors">At least one, none empty, all on one device.</param>
    public static Tensor Largest(Tensor[] tensors) => Unit.Value.invoke<Tensor>("largest", (object)tensors);
}
