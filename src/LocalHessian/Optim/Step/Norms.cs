namespace LocalHessian.Optim;

/// <summary>
/// Norms of many tensors, read once: on the CPU small ones through their memory, the others by native calls; elsewhere by
/// list kernels.
/// </summary>
internal static class Norms
{
    private const long SmallElements = 32768; // a native norm would run on one thread too

    /// <summary>
    /// ‖·‖₂ of each tensor as a float64 vector on their device, without waiting for it. Norms are right too where squares
    /// leave the dtype's range; on other devices than the CPU, of float64, where squares stay in float64's.
    /// </summary>
    /// <param name="tensors">At least one, all on one device.</param>
    public static Tensor Of(IReadOnlyList<Tensor> tensors)
    {
        if (tensors[0].device_type != DeviceType.CPU) return ListKernels.Norms([.. tensors]);

        var norms = new double[tensors.Count];
        var others = new List<int>();
        for (var i = 0; i < norms.Length; i++)
        {
            var small = tensors[i].dtype == ScalarType.Float32 && SmallTensor.IsSmall(tensors[i], SmallElements);
            if (small) norms[i] = SmallTensor.Norm(tensors[i]);
            else others.Add(i);
        }

        if (others.Count > 0)
        {
            using var native = StepScript.Norms([.. others.Select(i => Widened(tensors[i]))]);
            var values = native.data<double>();
            for (var k = 0; k < others.Count; k++) norms[others[k]] = values[k];
        }

        FiniteChecks.Recompute(norms, tensors);
        return tensor(norms, ScalarType.Float64, CPU);
    }

    private static Tensor Widened(Tensor t) => t.element_size() < 4 ? t.to(ScalarType.Float32) : t;
}
