namespace LocalHessian.Blocks;

/// <summary>
/// A block F_b of a network: everything from one weight layer up to, and not including, the next one — the layer, then its
/// normalisation, activation, pooling, flatten (MATH §1). Shapes are those seen in a forward pass.
/// </summary>
public sealed class Block
{
    internal Block() { }

    /// <summary>Dotted name of the weight layer in its network, e.g. <c>features.0</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Kind of the weight layer.</summary>
    public required BlockKind Kind { get; init; }

    /// <summary>The weight layer: <c>Linear</c> or a convolution.</summary>
    public required nn.Module<Tensor, Tensor> Layer { get; init; }

    /// <summary>W_b, the layer's weight.</summary>
    public required Parameter Weight { get; init; }

    /// <summary>The block's other parameters: the layer's bias, gains and shifts of normalisation layers.</summary>
    public required IReadOnlyList<NamedParameter> Auxiliary { get; init; }

    /// <summary>
    /// Whether a normalisation layer (batch, instance, group or layer norm) runs in the block after its weight layer, so that
    /// the block's output does not depend on the scale of the weight. A normalisation called as a function is not seen.
    /// </summary>
    public required bool Normalised { get; init; }

    /// <summary>n, the number of output features or channels of the layer.</summary>
    public required long Outputs { get; init; }

    /// <summary>m, the number of input features or channels of the layer, over all groups.</summary>
    public required long Inputs { get; init; }

    /// <summary>Shape of z_{b-1} with the batch first.</summary>
    public required IReadOnlyList<long> InputShape { get; init; }

    /// <summary>Shape of the layer's own output, before pooling.</summary>
    public required IReadOnlyList<long> LayerOutputShape { get; init; }

    /// <summary>Shape of z_b, the block's output, after pooling and flatten.</summary>
    public required IReadOnlyList<long> OutputShape { get; init; }

    /// <summary>D_{b-1}, features a sample at the block's input.</summary>
    public required long InputFeatures { get; init; }

    /// <summary>D_b = n·s, features a sample at the block's output.</summary>
    public required long OutputFeatures { get; init; }

    /// <summary>Positions at which the layer reads its m inputs, D_{b-1}/m; 1 for a linear layer on vectors.</summary>
    public long InputPositions => InputFeatures / Inputs;

    /// <summary>Positions of the layer's own output, before pooling; 1 for a linear layer on vectors.</summary>
    public required long LayerOutputPositions { get; init; }

    /// <summary>s, the positions of the block's output, D_b/n; 1 for a linear layer on vectors (MATH §4).</summary>
    public long OutputPositions => OutputFeatures / Outputs;

    /// <summary>Name, kind and shapes on one line.</summary>
    public override string ToString() =>
        $"{Name}: {Kind}, {Describe.Shape([.. InputShape])} -> {Describe.Shape([.. OutputShape])}, weight "
        + Describe.Shape(Weight);
}
