namespace LocalHessian.Blocks;

/// <summary>The part of a forward pass from the input of one cut module up to the input of the next.</summary>
/// <param name="name">Dotted name of the cut module; empty for what comes before the first cut.</param>
/// <param name="module">The cut module; null for what comes before the first cut.</param>
/// <param name="input">z_{b-1}.</param>
internal sealed class Segment(string name, nn.Module<Tensor, Tensor>? module, Tensor? input) : IDisposable
{
    public string Name => name;

    public nn.Module<Tensor, Tensor>? Module => module;

    /// <summary>
    /// z_{b-1}, a leaf that requires gradients. For what comes before the first cut the network's input (which does not
    /// require gradients if it is of integers), null if that is not one known tensor.
    /// </summary>
    public Tensor? Input => input;

    /// <summary>Whether derivatives with respect to the input exist.</summary>
    public bool HasDifferentiableInput => input is { requires_grad: true };

    /// <summary>Shape of the cut module's own output, before whatever follows it in the segment.</summary>
    public long[] ModuleOutputShape { get; set; } = [];

    /// <summary>Where layers are cut off what follows them: a leaf in place of the cut module's own output.</summary>
    public Tensor? LayerOutput { get; set; }

    /// <summary>z_b = F_b(W, z_{b-1}): its graph ends at the leaves above and at parameters, at nothing else.</summary>
    public Tensor Output { get; set; } = null!;

    /// <summary>Other observed modules that ran within the segment, in the order of their calls.</summary>
    public List<nn.Module> Observed { get; } = [];

    public void Dispose()
    {
        input?.Dispose();
        LayerOutput?.Dispose();
        Output?.Dispose();
    }
}
