namespace LocalHessian;

internal sealed partial class LayerForm
{
    // Entries of the tensors that one chunk of basis vectors makes.
    private const long ChunkEntries = 1L << 22;

    /// <summary>H_z, of one sample or of the whole batch.</summary>
    public Tensor InputHessian(long? sample)
    {
        var scaling = Scaling();
        var block = SampleHessian(scaling);
        if (sample is { } one)
        {
            if (scaling.Normalised is not null)
                Centre(block, PullChannels(ones_like(scaling.Normalised[one])), PullChannels(scaling.Normalised[one]), scaling);
            return block;
        }

        var (n, d) = (Samples, Features);
        var hessian = zeros(n * d, n * d, block.dtype, block.device);
        hessian.view(n, d, n, d).diagonal(0, 0, 2).copy_(block.unsqueeze(-1));
        if (scaling.Normalised is null) return hessian;
        var ones = PullChannels(ones_like(scaling.Normalised[0])).repeat(1, n);
        var normalised = cat(Enumerable.Range(0, (int)n).Select(j => PullChannels(scaling.Normalised[j])).ToArray(), 1);
        Centre(hessian, ones, normalised, scaling);
        return hessian;
    }

    // Subtracts (γ²/σ²)(aaᵀ/M + (2 − ρ)bbᵀ/M) of every channel, with the rows a = W_aᵀ1 and b = W_aᵀû.
    private static void Centre(Tensor hessian, Tensor ones, Tensor normalised, ChannelScaling scaling)
    {
        hessian.addmm_(ones.t(), ones * (scaling.Gain! / scaling.Count).unsqueeze(1), alpha: -1);
        hessian.addmm_(normalised.t(), normalised * (scaling.Gain! * scaling.Projection!).unsqueeze(1), alpha: -1);
    }

    /// <summary>W_aᵀ diag(γ²/σ²) W_a, the same for every sample: eqs. (8), (43), (17).</summary>
    public Tensor SampleHessian() => SampleHessian(Scaling());

    private Tensor SampleHessian(ChannelScaling scaling) => _layer is Linear ? LinearSample(scaling) : ConvolutionSample(scaling);

    private Tensor LinearSample(ChannelScaling scaling)
    {
        var w = _weight.detach();
        var core = w.t().mm(scaling.Gain is null ? w : w * scaling.Gain.unsqueeze(1));
        var positions = Features / w.shape[1];
        if (positions == 1) return core;
        var m = w.shape[1];
        var hessian = zeros(Features, Features, core.dtype, core.device);
        hessian.view(positions, m, positions, m).diagonal(0, 0, 2).copy_(core.unsqueeze(-1));
        return hessian;
    }

    // The convolution applied to basis vectors, then its transpose: cheaper than the product of W_a with itself.
    private Tensor ConvolutionSample(ChannelScaling scaling)
    {
        var hessian = empty(Features, Features, _input.dtype, _input.device);
        var shape = _input.shape;
        var width = Math.Clamp(ChunkEntries / Math.Max(Features, OutputFeatures()), 1, Features);
        for (long start = 0; start < Features; start += width)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(width, Features - start);
            var basis = zeros(count, Features, _input.dtype, _input.device);
            basis.narrow(1, start, count).diagonal().fill_(1);
            shape[0] = count;
            hessian.narrow(0, start, count).copy_(PullScaled(basis.reshape(shape), scaling.Gain));
        }

        return hessian;
    }

    private long OutputFeatures()
    {
        using var scope = NewDisposeScope();
        return _layer.forward(_input.narrow(0, 0, 1)).numel();
    }

    private Tensor PullScaled(Tensor basis, Tensor? gain)
    {
        using var graded = enable_grad();
        var leaf = basis.requires_grad_();
        var output = _layer.forward(leaf);
        var image = output.detach();
        if (((Convolution)_layer).bias is { } bias) image = image - ChannelScaling.PerChannel(bias.detach(), image.dim());
        if (gain is not null) image = image * ChannelScaling.PerChannel(gain, image.dim());
        return Autograd.Grad([output], [leaf], [image])[0]!.reshape(basis.shape[0], -1);
    }

    // (C, D_{b-1}): for each channel c the transposed layer applied to that channel of an output pattern (C, …).
    private Tensor PullChannels(Tensor pattern)
    {
        if (_layer is Linear) return _weight.detach() * pattern.unsqueeze(1);
        using var graded = enable_grad();
        var channels = pattern.shape[0];
        var shape = _input.shape;
        shape[0] = channels;
        var leaf = zeros(shape, _input.dtype, _input.device).requires_grad_();
        var output = _layer.forward(leaf);
        var separate = zeros_like(output);
        separate.diagonal(0, 0,
            1).copy_(pattern.permute([.. Enumerable.Range(1, (int)pattern.dim() - 1).Select(i => (long)i), 0L]));
        return Autograd.Grad([output], [leaf], [separate])[0]!.reshape(channels, -1);
    }
}
