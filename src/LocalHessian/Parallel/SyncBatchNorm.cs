namespace LocalHessian.Parallel;

/// <summary>
/// Batch norm whose mean and variance are those of the whole batch over all ranks, so that a network trains on any number of
/// ranks as it does on one, to round-off.
/// </summary>
/// <remarks>
/// <para>
/// In training mode a forward pass is two sums over ranks of one number a channel, its backward pass another two: all ranks call
/// the network alike, one without samples with an empty batch (0×C×…). Statistics are summed in two passes, mean first, at least
/// in float32. In evaluation mode, and with one rank, it is TorchSharp's batch norm.
/// </para>
/// <para>
/// Gradients are right once they are averaged over ranks with the numbers of samples as weights. Backward passes run on the
/// calling thread on the CPU; not for CUDA.
/// </para>
/// </remarks>
public sealed class SyncBatchNorm : BatchNorm
{
    private readonly IRanks _ranks;

    /// <summary>The same options as TorchSharp's batch norm.</summary>
    /// <param name="ranks">The ranks.</param>
    /// <param name="num_features">Channels C of the input, N×C or N×C×….</param>
    /// <param name="eps">Added to the variance. Default 1e-5.</param>
    /// <param name="momentum">Weight of a batch in the running statistics. Default 0.1.</param>
    /// <param name="affine">With gain and shift. Default true.</param>
    /// <param name="track_running_stats">With running statistics for evaluation. Default true.</param>
    /// <param name="device">Device of the parameters; null for the default.</param>
    /// <param name="dtype">Type of the parameters; null for the default.</param>
    public SyncBatchNorm(
        IRanks ranks, long num_features, double eps = 1e-5, double momentum = 0.1, bool affine = true,
        bool track_running_stats = true, Device? device = null, ScalarType? dtype = null)
        : base(num_features, eps, momentum, affine, track_running_stats, device, dtype, nameof(SyncBatchNorm))
    {
        ArgumentNullException.ThrowIfNull(ranks);
        _ranks = ranks;
    }

    /// <inheritdoc/>
    public override Tensor forward(Tensor input)
    {
        if (!training || _ranks.Size == 1) return base.forward(input);
        ValidateInputDimensions(input);
        using var scope = NewDisposeScope();
        var wide = input.dtype is ScalarType.Float64 or ScalarType.Float32 ? input : input.to(ScalarType.Float32);
        long[] others = [0, .. Enumerable.Range(2, (int)input.dim() - 2).Select(i => (long)i)];
        var here = (double)(input.numel() / input.shape[1]);
        var all = new[] { here };
        _ranks.Sum(all);
        if (all[0] < 2)
            throw new InvalidOperationException("Batch norm needs more than one value a channel over all ranks in training "
                + "mode.");

        using var values = all[0].ToScalar();
        var mean = RankSum.Of(wide.sum(others), _ranks, here).div(values);
        var centred = wide - Shaped(mean, input);
        var variance = RankSum.Of(centred.square().sum(others), _ranks, here).div(values);
        Track(mean, variance, all[0]);
        using var small = eps.ToScalar();
        var output = centred * Shaped(variance.add(small).rsqrt(), input);
        if (affine) output = output * Shaped(weight, input) + Shaped(bias!, input);
        return output.to(input.dtype).MoveToOuterDisposeScope();
    }

    /// <inheritdoc/>
    protected override void ValidateInputDimensions(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() < 2 || input.shape[1] != num_features)
            throw new ArgumentException(
                $"An input N×{num_features}×… is expected, not one of shape {Describe.Shape(input)}.", nameof(input));
    }

    private void Track(Tensor mean, Tensor variance, double values)
    {
        if (!track_running_stats || running_mean is null || running_var is null) return;
        using var ungraded = no_grad();
        num_batches_tracked!.add_(1);
        var part = momentum is { } fixedPart and > 0 ? fixedPart : 1 / num_batches_tracked.to(ScalarType.Float64).item<double>();
        using var kept = (1 - part).ToScalar();
        using var added = part.ToScalar();
        using var unbiased = (part * values / (values - 1)).ToScalar();
        running_mean.mul_(kept).add_(mean.mul(added));
        running_var.mul_(kept).add_(variance.mul(unbiased));
    }

    private static Tensor Shaped(Tensor channel, Tensor like) =>
        channel.view([1, -1, .. Enumerable.Repeat(1L, (int)like.dim() - 2)]);
}
