namespace LocalHessian;

/// <summary>
/// What batch norm does to a layer's output u, to first order: <c>∂y/∂u = (γ/σ)(I − 11ᵀ/M − ûûᵀ/M)</c> a channel (MATH §2),
/// whose square is <c>(γ²/σ²)(I − 11ᵀ/M − (2 − ρ)ûûᵀ/M)</c> with <c>ρ = ‖û‖²/M = Var/(Var + ε)</c>. Without batch statistics
/// it is γ/σ, without a norm 1.
/// </summary>
/// <param name="Gain">γ²/σ², a value a channel; null without a norm.</param>
/// <param name="Normalised">û, (N, C, …); null without batch statistics.</param>
/// <param name="Projection">(2 − ρ)/M, a value a channel; null without batch statistics.</param>
/// <param name="Count">M, the values of a channel.</param>
internal sealed record ChannelScaling(Tensor? Gain, Tensor? Normalised, Tensor? Projection, long Count)
{
    public static bool UsesBatch(BatchNorm norm) => norm.training || (norm.running_mean is null && norm.running_var is null);

    public static ChannelScaling Of(BatchNorm? norm, Tensor u)
    {
        var count = u.numel() / u.shape[1];
        if (norm is null) return new(null, null, null, count);
        var gain = norm.affine ? norm.weight.detach().square() : null;
        if (!UsesBatch(norm)) return new(Over(norm.running_var! + norm.eps), null, null, count);

        var others = Enumerable.Range(0, (int)u.dim()).Where(d => d != 1).Select(d => (long)d).ToArray();
        var centred = u - u.mean(others, keepdim: true);
        var variance = centred.square().mean(others);
        // A constant channel without ε has no deviation to divide by; libtorch's kernels take zero for its inverse, and so do we.
        var squaredDeviation = variance + norm.eps;
        var inverse = where(squaredDeviation > 0, 1 / squaredDeviation, zeros_like(squaredDeviation));
        var normalised = centred * PerChannel(inverse, u.dim()).sqrt();
        return new(gain is null ? inverse : gain * inverse, normalised, (2 - variance * inverse) / count, count);

        Tensor Over(Tensor deviation) => gain is null ? 1 / deviation : gain / deviation;
    }

    /// <summary>A value a channel, shaped to multiply (N, C, …).</summary>
    public static Tensor PerChannel(Tensor values, long dimensions) =>
        values.reshape(Enumerable.Range(0, (int)dimensions).Select(d => d == 1 ? -1L : 1).ToArray());
}
