namespace LocalHessian.Blocks;

/// <summary>What kinds of layer begin a block, and which of their parameters are its weight, bias, inputs and outputs.</summary>
internal sealed record WeightLayer(
    string Name, nn.Module<Tensor, Tensor> Module, BlockKind Kind, Parameter Weight, Parameter? Bias, long Outputs, long Inputs)
{
    /// <summary>The layer, or null if a module of this type does not begin a block.</summary>
    public static WeightLayer? From(string name, nn.Module module) => module switch
    {
        Linear l => new(name, l, BlockKind.Linear, l.weight, l.bias, l.weight.shape[0], l.weight.shape[1]),
        Convolution c => new(name, c, c.transposed ? BlockKind.TransposedConvolution : BlockKind.Convolution, c.weight, c.bias,
            c.out_channels, c.in_channels),
        _ => null,
    };

    /// <summary>All weight layers of a network, in the order of registration, a network that is itself one included.</summary>
    public static List<WeightLayer> In(nn.Module network) =>
        NetworkParts.Modules(network).Select(m => From(m.Name, m.Module)).OfType<WeightLayer>().ToList();
}
