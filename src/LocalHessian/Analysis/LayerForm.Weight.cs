namespace LocalHessian;

internal sealed partial class LayerForm
{
    /// <summary>H_W: of one output channel, or block-diagonal over all of them.</summary>
    /// <param name="channel">The channel, or null.</param>
    /// <param name="centred">Whether the terms of batch statistics are subtracted; eq. (18) leaves them out.</param>
    public Tensor WeightHessian(long? channel, bool centred = true)
    {
        var scaling = Scaling();
        var n = _weight.shape[0];
        var groups = _layer is Convolution c ? c.groups : 1;
        var perGroup = n / groups;
        if (channel is { } one) return Channel(InputMoments.Of(_layer, _input, one / perGroup, scaling), one, scaling, centred);

        var size = _weight.numel() / n;
        var hessian = zeros(n * size, n * size, _weight.dtype, _weight.device);
        for (long g = 0; g < groups; g++)
        {
            var moments = InputMoments.Of(_layer, _input, g, scaling);
            for (var i = g * perGroup; i < (g + 1) * perGroup; i++)
                hessian.narrow(0, i * size, size).narrow(1, i * size, size).copy_(Channel(moments, i, scaling, centred));
        }

        return hessian;
    }

    private static Tensor Channel(InputMoments moments, long channel, ChannelScaling scaling, bool centred)
    {
        if (scaling.Gain is null) return moments.Second;
        var hessian = moments.Second;
        if (centred && scaling.Normalised is not null)
        {
            var b = moments.WithNormalised!.select(1, channel - moments.FirstChannel);
            hessian = hessian - moments.First!.outer(moments.First) / scaling.Count - b.outer(b) * scaling.Projection![channel];
        }

        return hessian * scaling.Gain[channel];
    }
}
