using static TorchSharp.torch.nn;

namespace LocalHessian.Internal;

/// <summary>
/// What a layer's weight meets and what it makes, with the positions that share the weight as the last dimension.
/// </summary>
internal static class LayerRows
{
    /// <summary>
    /// <c>[rows, inputs, positions]</c>: the input of a linear layer, the patches (im2col) of a convolution with the channel as
    /// the fastest index.
    /// </summary>
    public static Tensor Inputs(nn.Module layer, Tensor input)
    {
        if (layer is TorchSharp.Modules.Linear) return Tokens(input);
        var (view, d) = Patches((Convolution)layer, input);
        return view.permute([d + 1, .. Enumerable.Range(1, d), 0, .. Enumerable.Range(d + 2, d)]).flatten(1, d + 1).flatten(2);
    }

    /// <summary>
    /// The same as the columns of a matrix, <c>[inputs, rows·positions]</c>, in the order of the weight, by one copy at most.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="input">What it reads; of a convolution with groups what one group reads.</param>
    public static Tensor InputColumns(nn.Module layer, Tensor input)
    {
        if (layer is TorchSharp.Modules.Linear) return input.reshape(-1, input.shape[^1]).t();
        var (view, d) = Patches((Convolution)layer, input);
        return view.flatten(d + 1).flatten(0, d);
    }

    /// <summary>
    /// The same as the rows of a matrix, <c>[rows·positions, inputs]</c>, with the channel as the fastest index of a patch: so
    /// they are copied in long stretches.
    /// </summary>
    public static Tensor InputRows(nn.Module layer, Tensor input)
    {
        if (layer is TorchSharp.Modules.Linear) return input.reshape(-1, input.shape[^1]);
        var (view, d) = Patches((Convolution)layer, input, channelsLast: true);
        return view.permute([d + 1, .. Enumerable.Range(d + 2, d), .. Enumerable.Range(1, d), 0]).flatten(0, d).flatten(1);
    }

    /// <summary><c>[rows, outputs, positions]</c>.</summary>
    public static Tensor Outputs(nn.Module layer, Tensor output) =>
        layer is TorchSharp.Modules.Linear ? Tokens(output) : output.flatten(2);

    /// <summary>What a convolution adds to the map, before and after it in each dimension.</summary>
    public static IReadOnlyList<(long Before, long After)> Pads(Convolution c) =>
    [
        .. c.kernel_size.Select((kernel, d) =>
        {
            var total = c.padding_type == Padding.Same ? c.dilation[d] * (kernel - 1) : 2 * (c.padding?[d] ?? 0);
            return (total / 2, total - total / 2);
        }),
    ];

    private static Tensor Tokens(Tensor t) =>
        t.dim() == 2 ? t.unsqueeze(2) : t.reshape(t.shape[0], -1, t.shape[^1]).transpose(1, 2);

    // [channels, kernel…, rows, positions…]: a view in which patches overlap, for any number of dimensions d.
    private static (Tensor View, int Dimensions) Patches(Convolution c, Tensor input, bool channelsLast = false)
    {
        var x = Padded(c, input);
        if (channelsLast) x = x.movedim([1], [-1]).contiguous().movedim([-1], [1]);
        var d = c.kernel_size.Length;
        var strides = x.stride();
        var dimensions = Enumerable.Range(0, d).ToArray();
        var positions = dimensions.Select(i => (x.shape[i + 2] - c.dilation[i] * (c.kernel_size[i] - 1) - 1) / c.stride[i] + 1);
        return (x.as_strided(
            [x.shape[1], .. c.kernel_size, x.shape[0], .. positions],
            [
                strides[1], .. dimensions.Select(i => c.dilation[i] * strides[i + 2]),
                strides[0], .. dimensions.Select(i => c.stride[i] * strides[i + 2]),
            ],
            x.storage_offset()), d);
    }

    private static Tensor Padded(Convolution c, Tensor x)
    {
        // The last dimension first.
        long[] pads = [.. Pads(c).Reverse().SelectMany(p => new[] { p.Before, p.After })];
        return Array.TrueForAll(pads, p => p == 0) ? x : functional.pad(x, pads, c.padding_mode);
    }
}
