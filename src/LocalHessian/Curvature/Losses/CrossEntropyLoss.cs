namespace LocalHessian;

/// <summary>−log softmax(f)_y; the classes are dimension 1 of the output, positions come after.</summary>
internal sealed class CrossEntropyLoss : LikelihoodLoss
{
    internal override string Name => "The cross entropy";

    internal override void ThrowUnlessFitting(Tensor output, Tensor target)
    {
        if (output.dim() < 2 || target.dtype != ScalarType.Int64 || !target.shape.SequenceEqual(Positions(output)))
            throw new ArgumentException(
                $"{Name} takes an output [N, C, …] and class indices [N, …] in Int64: the output is "
                + $"{Describe.Tensor(output)}, the targets are {Describe.Tensor(target)}.",
                nameof(target));
        using var scope = NewDisposeScope();
        if ((target < 0).logical_or(target >= output.shape[1]).any().item<bool>())
            throw new ArgumentException(
                $"A target is no class index from 0 to {output.shape[1] - 1}; samples to be ignored must be left out.",
                nameof(target));
    }

    internal override Tensor Sum(Tensor output, Tensor target) =>
        nn.functional.cross_entropy(output, target, reduction: nn.Reduction.Sum);

    internal override Tensor Gradient(Tensor output, Tensor target) => output.softmax(1) - OneHot(output, target);

    internal override Func<Tensor, Tensor> Hessian(Tensor output, Tensor target)
    {
        var p = output.softmax(1);
        return direction =>
        {
            var weighted = p * direction;
            return weighted - p * weighted.sum(1, keepdim: true);
        };
    }

    public override long UniformsPerSample(Tensor output) => output.numel() / (output.shape[0] * output.shape[1]);

    public override Tensor SampledScore(Tensor output, Tensor uniforms)
    {
        // The class is how many of the sums of probabilities are below u; the last sum, one, is left out.
        var sums = output.to(ScalarType.Float64).softmax(1).cumsum(1).narrow(1, 0, output.shape[1] - 1);
        var drawn = (sums < uniforms.reshape(Positions(output)).unsqueeze(1)).sum(1);
        return Gradient(output, drawn);
    }

    public override ScoreRoot Root(Tensor output) => new SoftmaxRoot(output.softmax(1));

    private static long[] Positions(Tensor output) => [output.shape[0], .. output.shape.Skip(2)];

    private static Tensor OneHot(Tensor output, Tensor target)
    {
        var index = target.unsqueeze(1);
        return zeros_like(output).scatter_(1, index, ones_like(index, output.dtype));
    }

    /// <summary>
    /// For each position, the column of class c is √p_c (e_c − p): the score of class c times the root of its probability.
    /// </summary>
    private sealed class SoftmaxRoot(Tensor p) : ScoreRoot
    {
        private readonly Tensor _root = p.sqrt();
        private readonly long _positions = p.numel() / (p.shape[0] * p.shape[1]);

        public override long Count => p.shape[1] * _positions;

        public override Tensor Column(long k)
        {
            var chosen = zeros_like(p);
            chosen.view(p.shape[0], p.shape[1], _positions).select(1, k / _positions).select(1, k % _positions).fill_(1);
            return Multiply(chosen);
        }

        public override Tensor Multiply(Tensor coefficients)
        {
            var weighted = _root * coefficients;
            return weighted - p * weighted.sum(1, keepdim: true);
        }

        public override Tensor MultiplyTransposed(Tensor direction) =>
            _root * (direction - (p * direction).sum(1, keepdim: true));
    }
}
