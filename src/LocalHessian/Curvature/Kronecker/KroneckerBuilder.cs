namespace LocalHessian;

/// <summary>Measures the factors of K-FAC, and EKFAC's diagonal in a second pass.</summary>
internal sealed class KroneckerBuilder
{
    private const long NumbersAtOnce = 1 << 22;
    private readonly RecordedData _data;
    private readonly KroneckerOptions _options;
    private readonly List<KroneckerLayer> _layers;
    private readonly KroneckerPass _pass;

    public KroneckerBuilder(RecordedData data, KroneckerOptions options)
    {
        (_data, _options) = (data, options);
        _layers = KroneckerLayer.Of(data.Network, data.Theta);
        _pass = new KroneckerPass(data, _layers, options);
    }

    public KroneckerOperator Build(bool corrected, Progress progress)
    {
        using var scope = NewDisposeScope();
        using var ungraded = no_grad();
        var blocks = Factors(progress.Part(null, 0, corrected ? 0.5 : 1));
        try
        {
            if (corrected) Correct(blocks, progress.Part(null, 0.5, 1));
        }
        catch
        {
            foreach (var block in blocks) block.Dispose();
            throw;
        }

        progress.At(1);
        return new KroneckerOperator(blocks, _data.Theta.Size);
    }

    private List<KroneckerBlock> Factors(Progress progress)
    {
        var like = _data.Theta.Leaves[0];
        var inputs = _layers.Select(l => new SymmetricSum(l.Columns, like.dtype, like.device)).ToList();
        var outputs = _layers.Select(l => new SymmetricSum(l.Outputs, like.dtype, like.device)).ToList();
        var rows = new long[_layers.Count];
        var samples = _pass.Run(
            (i, input, gradients, count) =>
            {
                using var scope = NewDisposeScope();
                // Rows are samples, and positions where each counts by itself.
                var a = Inputs(i, input, count);
                rows[i] += a.shape[0];
                inputs[i].Add(a);
                foreach (var g in gradients) outputs[i].Add(Outputs(i, g));
            },
            progress);
        var weight = _data.Weight(samples);
        return [.. _layers.Select((layer, i) =>
            new KroneckerBlock(layer, inputs[i].Result(1.0 / rows[i]), outputs[i].Result(weight)))];
    }

    /// <summary>
    /// D = (1/N) Σ_i (U_Sᵀ G_i U_A)², with G_i the gradient of the sample: the best diagonal in that basis (George et al.
    /// 2018).
    /// </summary>
    private void Correct(List<KroneckerBlock> blocks, Progress progress)
    {
        var like = _data.Theta.Leaves[0];
        var sums = _layers.Select(l => zeros(l.Outputs, l.Columns, like.dtype, like.device)).ToList();
        var samples = _pass.Run(
            (i, input, gradients, count) =>
            {
                using var scope = NewDisposeScope();
                ThrowUnlessRowsAreSamples(i, input.shape[0], count);
                var a = blocks[i].InputVectors.t().matmul(WithOne(i, LayerRows.Inputs(_layers[i].Module, input), 1));
                foreach (var g in gradients)
                    AddSquares(sums[i], a, blocks[i].OutputVectors.t().matmul(LayerRows.Outputs(_layers[i].Module, g)));
            },
            progress);
        for (var i = 0; i < blocks.Count; i++) blocks[i].Correct(sums[i].mul_(_data.Weight(samples)));
    }

    internal static void AddSquares(Tensor sum, Tensor a, Tensor b, long numbersAtOnce = NumbersAtOnce)
    {
        if (a.shape[2] == 1)
        {
            sum.addmm_(b.squeeze(2).square().t(), a.squeeze(2).square());
            return;
        }

        var group = Math.Clamp(numbersAtOnce / sum.numel(), 1, a.shape[0]);
        for (long start = 0; start < a.shape[0]; start += group)
        {
            using var scope = NewDisposeScope();
            var count = Math.Min(group, a.shape[0] - start);
            sum.add_(b.narrow(0, start, count).matmul(a.narrow(0, start, count).transpose(1, 2)).square().sum(dim: 0));
        }
    }

    private Tensor Inputs(int layer, Tensor input, long samples)
    {
        var module = _layers[layer].Module;
        if (_options.Positions == KroneckerPositions.Expand) return WithOne(layer, LayerRows.InputRows(module, input), 1);
        ThrowUnlessRowsAreSamples(layer, input.shape[0], samples);
        return WithOne(layer, LayerRows.Inputs(module, input).mean([2]), 1);
    }

    private Tensor Outputs(int layer, Tensor gradient)
    {
        var b = LayerRows.Outputs(_layers[layer].Module, gradient);
        if (_options.Positions != KroneckerPositions.Expand) return b.sum(2);
        return b.shape[2] == 1 ? b.squeeze(2) : b.transpose(0, 1).reshape(b.shape[1], -1).t();
    }

    /// <summary>Adds a one for the bias along the given dimension.</summary>
    private Tensor WithOne(int layer, Tensor inputs, int dimension)
    {
        if (_layers[layer].Bias is null) return inputs;
        long[] shape = [.. inputs.shape];
        shape[dimension] = 1;
        var one = ones(shape, inputs.dtype, inputs.device);
        return _layers[layer].Weight is null ? one : cat([inputs, one], dimension);
    }

    private void ThrowUnlessRowsAreSamples(int layer, long rows, long samples)
    {
        if (rows != samples)
            throw new NotSupportedException(
                $"The layer '{_layers[layer].Name}' has {rows} rows where the network's output has {samples}: EKFAC and "
                + "KroneckerPositions.Reduce need to know whose they are; K-FAC with KroneckerPositions.Expand does not.");
    }
}
