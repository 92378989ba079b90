namespace LocalHessian.Internal;

/// <summary>Squared norms as one float64 vector on the tensors' device, without waiting for it.</summary>
internal static class Squares
{
    /// <summary>‖·‖² of each tensor; zero for null. Half precision is widened first: its squares overflow. One launch on other
    /// devices than the CPU.</summary>
    public static Tensor Of(IReadOnlyList<Tensor?> tensors, Device device)
    {
        var zero = zeros(1, ScalarType.Float64, device)[0];
        if (device.type != DeviceType.CPU) return ListKernels.Norms([.. tensors.Select(t => t ?? zero)]).square();
        return stack(tensors.Select(t => t is null ? zero : Norm(t)).ToArray()).square();
    }

    private static Tensor Norm(Tensor t) => (t.element_size() < 4 ? t.to(ScalarType.Float32) : t).norm().to(ScalarType.Float64);
}
