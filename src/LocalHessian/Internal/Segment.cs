using TorchSharp;
using static TorchSharp.torch;

namespace LocalHessian.Internal;

/// <summary>The part of a forward pass from the input of one cut module up to the input of the next.</summary>
/// <param name="Name">Dotted name of the cut module; empty for what comes before the first cut.</param>
/// <param name="Module">The cut module; null for what comes before the first cut.</param>
/// <param name="Input">A leaf that requires gradients, z_{b-1}. For the first part, the network's input.</param>
internal sealed record Segment(string Name, nn.Module<Tensor, Tensor>? Module, Tensor Input)
{
    /// <summary>Shape of the cut module's own output, before whatever follows it in the segment.</summary>
    public long[] ModuleOutputShape { get; set; } = [];

    /// <summary>z_b = F_b(W, z_{b-1}): its graph ends at <see cref="Input"/> and at parameters, at nothing else.</summary>
    public Tensor Output { get; set; } = null!;

    /// <summary>Other observed modules that ran within the segment, in the order of their calls.</summary>
    public List<nn.Module> Observed { get; } = [];
}
