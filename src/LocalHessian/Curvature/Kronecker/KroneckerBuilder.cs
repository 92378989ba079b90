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
        var inputs = _layers.Select(l => new LayerInputs(l, _options.Positions, like)).ToList();
        var outputs = _layers.Select(l => new SymmetricSum(zeros(l.Outputs, l.Outputs, like.dtype, like.device))).ToList();
        try
        {
            var samples = _pass.Run(
                (i, input, gradients, count) =>
                {
                    using var scope = NewDisposeScope();
                    inputs[i].Add(input, count);
                    foreach (var g in gradients) outputs[i].Add(Outputs(i, g));
                },
                progress);
            var weight = _data.Weight(samples);
            return [.. _layers.Select((layer, i) => new KroneckerBlock(layer, inputs[i].Result(), outputs[i].Result(weight)))];
        }
        finally
        {
            foreach (var layer in inputs) layer.Dispose();
        }
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
                _layers[i].ThrowUnlessRowsAreSamples(input.shape[0], count);
                var a = blocks[i].InputVectors.t().matmul(_layers[i].WithOne(LayerRows.Inputs(_layers[i].Module, input), 1));
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

    private Tensor Outputs(int layer, Tensor gradient)
    {
        var b = LayerRows.Outputs(_layers[layer].Module, gradient);
        if (_options.Positions != KroneckerPositions.Expand) return b.sum(2);
        return b.shape[2] == 1 ? b.squeeze(2) : b.transpose(0, 1).reshape(b.shape[1], -1).t();
    }
}
