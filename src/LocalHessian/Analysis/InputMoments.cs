namespace LocalHessian;

/// <summary>
/// What a group of a layer reads, summed over samples and positions: with A the im2col of its input (a column a position),
/// AAᵀ, A1 and Aûᵀ. A is made and used in chunks of samples.
/// </summary>
/// <param name="Second">AAᵀ, eqs. (9), (41).</param>
/// <param name="First">A1; null without batch statistics.</param>
/// <param name="WithNormalised">Aûᵀ, a column an output channel of the group; null without batch statistics.</param>
/// <param name="FirstChannel">The group's first output channel.</param>
internal sealed record InputMoments(Tensor Second, Tensor? First, Tensor? WithNormalised, long FirstChannel)
{
    // Columns of A at a time: enough for the matrix product to run at full speed.
    private const long ChunkColumns = 4096;

    public static InputMoments Of(nn.Module layer, Tensor input, long group, ChannelScaling scaling)
    {
        var weight = layer is Convolution { weight: { } kernels } ? kernels : ((Linear)layer).weight!;
        var groups = layer is Convolution { groups: var several } ? several : 1;
        var (size, outputs) = (weight.numel() / weight.shape[0], weight.shape[0] / groups);
        var second = zeros(size, size, input.dtype, input.device);
        var first = scaling.Normalised is null ? null : zeros(size, input.dtype, input.device);
        var with = scaling.Normalised is null ? null : zeros(size, outputs, input.dtype, input.device);
        if (groups > 1) input = input.narrow(1, group * weight.shape[1], weight.shape[1]);
        var step = Math.Max(1, ChunkColumns / Positions(layer, input));
        for (long start = 0; start < input.shape[0]; start += step)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(step, input.shape[0] - start);
            var a = LayerRows.InputColumns(layer, input.narrow(0, start, count));
            second.addmm_(a, a.t());
            if (scaling.Normalised is null) continue;
            first!.add_(a.sum(1));
            var normalised = scaling.Normalised.narrow(0, start, count).narrow(1, group * outputs, outputs);
            with!.addmm_(a, normalised.transpose(0, 1).reshape(outputs, -1).t());
        }

        return new(second, first, with, group * outputs);
    }

    private static long Positions(nn.Module layer, Tensor input)
    {
        using var scope = NewDisposeScope();
        return LayerRows.InputColumns(layer, input.narrow(0, 0, 1)).shape[1];
    }
}
