namespace LocalHessian.Optim;

/// <summary>Whether tensors of one shape can be walked through memory in step, as the fused kernels do without asking.</summary>
internal static class DenseLayout
{
    /// <summary>
    /// Whether all have the same strides, without gaps and overlaps. A momentum that is still to be made takes the
    /// parameter's.
    /// </summary>
    public static bool Shared(Tensor parameter, Tensor gradient, Tensor? momentum)
    {
        if (parameter.is_contiguous()) return gradient.is_contiguous() && (momentum is null || momentum.is_contiguous());
        var strides = parameter.stride();
        return IsDense(parameter.shape, strides) && strides.AsSpan().SequenceEqual(gradient.stride())
            && (momentum is null || strides.AsSpan().SequenceEqual(momentum.stride()));
    }

    /// <summary>Whether a tensor lies in memory without gaps and overlaps.</summary>
    public static bool IsDense(Tensor t) => t.is_contiguous() || IsDense(t.shape, t.stride());

    private static bool IsDense(long[] shape, long[] strides)
    {
        Array.Sort(strides = [.. strides], shape = [.. shape]);
        long next = 1;
        for (var i = 0; i < shape.Length; i++)
        {
            if (shape[i] == 1) continue;
            if (strides[i] != next) return false;
            next *= shape[i];
        }

        return true;
    }
}
