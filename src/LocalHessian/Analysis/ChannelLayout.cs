using LocalHessian.Blocks;

namespace LocalHessian;

/// <summary>
/// Which entries of vec(W) belong to an output channel: rows of the weight, except in transposed convolutions, (in, out/g,
/// k…).
/// </summary>
internal sealed class ChannelLayout
{
    private readonly Tensor _weight;
    private readonly long? _groups;

    public ChannelLayout(nn.Module? source, Tensor weight)
    {
        _weight = weight;
        if (source is not null && WeightLayer.In(source)
            .FirstOrDefault(l => l.Weight.Handle == weight.Handle) is { Module: Convolution { transposed: true } c })
            _groups = c.groups;
        Channels = _groups is { } g ? weight.shape[1] * g : weight.shape[0];
    }

    private long Channels { get; }

    public void ThrowUnlessChannel(long channel)
    {
        if (channel < 0 || channel >= Channels)
            throw new ArgumentOutOfRangeException(
                nameof(channel), channel, $"The weight has the output channels 0 to {Channels - 1}.");
    }

    /// <summary>Indices into vec(W), ascending.</summary>
    public Tensor Entries(long channel)
    {
        var all = arange(_weight.numel(), ScalarType.Int64, _weight.device).reshape(_weight.shape);
        if (_groups is not { } groups) return all.select(0, channel).reshape(-1);
        var (rows, outputs) = (_weight.shape[0] / groups, _weight.shape[1]);
        return all.narrow(0, channel / outputs * rows, rows).select(1, channel % outputs).reshape(-1);
    }
}
