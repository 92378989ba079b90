namespace LocalHessian.Internal;

/// <summary>
/// A batch that batch norm normalises, by channels: with μ and v mean and variance of a channel's values x, m of them,
/// <c>x̂ = (x − μ)·r</c>, <c>r = (v + ε)^(−1/2)</c>, and the output γx̂ + β.
/// </summary>
internal sealed class NormalisedBatch
{
    private readonly Tensor _input, _weight, _bias, _output, _zeros, _ones;
    private readonly long[] _shape, _others;

    /// <param name="input">x.</param>
    /// <param name="weight">γ; null for one.</param>
    /// <param name="bias">β; null for zero.</param>
    /// <param name="eps">ε.</param>
    /// <param name="kept">Takes the tensors that belong to this, which are in no dispose scope.</param>
    public NormalisedBatch(Tensor input, Tensor? weight, Tensor? bias, double eps, List<Tensor> kept)
    {
        var dimensions = (int)input.dim() - 2;
        _others = [0, .. Enumerable.Range(2, dimensions).Select(i => (long)i)];
        _shape = [1, -1, .. Enumerable.Repeat(1L, dimensions)];
        Count = (input.numel() / input.shape[1]).ToScalar();
        using var small = eps.ToScalar();
        using (enable_grad())
        {
            _input = Own(input.detach().requires_grad_());
            _weight = Own((weight is null ? ones(input.shape[1], input.dtype, input.device) : weight.detach()).requires_grad_());
            _bias = Own((bias is null ? zeros_like(_weight) : bias).detach().requires_grad_());
            // libtorch's own graph, in which nothing else takes part: its gradient is the fused kernel.
            _output = Own(nn.functional.batch_norm(_input, null!, null!, _weight, _bias, training: true, 0, eps));
        }

        (_zeros, _ones) = (Own(zeros_like(_bias).detach()), Own(ones_like(_bias).detach()));
        Centred = Own(_input.detach() - PerChannel(_input.detach().mean(_others)));
        Root = Own(_input.detach().var(_others, unbiased: false).add(small).rsqrt());

        Tensor Own(Tensor tensor)
        {
            kept.Add(tensor.DetachFromDisposeScope());
            return tensor;
        }
    }

    /// <summary>γx̂ + β, memory of its own.</summary>
    public Tensor Output => _output.detach().clone();

    /// <summary>x − μ.</summary>
    public Tensor Centred { get; }

    /// <summary>r of each channel.</summary>
    public Tensor Root { get; }

    /// <summary>γ of each channel.</summary>
    public Tensor Weight => _weight.detach();

    /// <summary>m.</summary>
    public Scalar Count { get; }

    /// <summary>γJu with <c>J = ∂x̂/∂x</c>, symmetric, and of each channel Σ u x̂ and Σ u.</summary>
    public (Tensor Input, Tensor WithNormalised, Tensor Sum) Pull(Tensor u)
    {
        var parts = Autograd.Guarded([_output], [_input, _weight, _bias], [u]);
        return (parts[0]!, parts[1]!, parts[2]!);
    }

    /// <summary>Of each channel Σ u x̂ and Σ u, alone.</summary>
    public (Tensor WithNormalised, Tensor Sum) Sums(Tensor u)
    {
        var parts = Autograd.Guarded([_output], [_weight, _bias], [u]);
        return (parts[0]!, parts[1]!);
    }

    /// <summary>Each channel times a number plus a number: batch norm in evaluation mode does it in one pass.</summary>
    public Tensor Affine(Tensor values, Tensor factor, Tensor summand) =>
        nn.functional.batch_norm(values, _zeros, _ones, factor, summand, training: false, 0, 0);

    /// <summary>The sum over each channel.</summary>
    public Tensor Sum(Tensor values) => values.sum(_others);

    /// <summary>A number for each channel, to be used with the batch.</summary>
    public Tensor PerChannel(Tensor numbers) => numbers.view(_shape);
}
