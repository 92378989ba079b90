namespace LocalHessian;

/// <summary>An exponential family for each entry: ∂ℓ/∂f = mean(f) − y, ∂²ℓ/∂f² = E[(mean(f) − y)²] = variance(f).</summary>
internal abstract class ElementwiseLoss : LikelihoodLoss
{
    /// <summary>E[y|f].</summary>
    protected abstract Tensor Mean(Tensor output);

    /// <summary>Var[y|f].</summary>
    protected abstract Tensor Variance(Tensor output);

    /// <summary>y from its distribution function's inverse.</summary>
    protected abstract Tensor Draw(Tensor output, Tensor uniforms);

    internal override void ThrowUnlessFitting(Tensor output, Tensor target)
    {
        if (!output.shape.SequenceEqual(target.shape) || output.dtype != target.dtype)
            throw new ArgumentException(
                $"{Name} takes targets of the output's shape and dtype: the output is {Describe.Tensor(output)}, the targets "
                + $"are {Describe.Tensor(target)}.", nameof(target));
    }

    internal override Tensor Gradient(Tensor output, Tensor target) => Mean(output) - target;

    internal override Func<Tensor, Tensor> Hessian(Tensor output, Tensor target)
    {
        var variance = Variance(output);
        return direction => variance * direction;
    }

    public override long UniformsPerSample(Tensor output) => output.numel() / output.shape[0];

    public override Tensor SampledScore(Tensor output, Tensor uniforms) =>
        Mean(output) - Draw(output.to(ScalarType.Float64), uniforms.reshape(output.shape)).to(output.dtype);

    public override ScoreRoot Root(Tensor output) => new DiagonalRoot(Variance(output).sqrt());

    private sealed class DiagonalRoot(Tensor diagonal) : ScoreRoot
    {
        public override long Count => diagonal.numel() / diagonal.shape[0];

        public override Tensor Column(long k)
        {
            var column = zeros_like(diagonal);
            column.flatten(1).select(1, k).copy_(diagonal.flatten(1).select(1, k));
            return column;
        }

        public override Tensor Multiply(Tensor coefficients) => diagonal * coefficients;

        public override Tensor MultiplyTransposed(Tensor direction) => diagonal * direction;
    }
}
