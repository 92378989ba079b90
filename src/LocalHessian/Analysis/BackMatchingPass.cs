using System.Collections;
using LocalHessian.Blocks;
using LocalHessian.Internal;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>
/// The back-matching losses of all blocks of a network at one batch, from one forward and one backward pass: z_{b-1}, z_b and
/// <c>Δ_b = −∂J/∂z_b</c> (Prop. 1); the last block's is J itself.
/// </summary>
/// <remarks>
/// The network runs in the mode it is in and is left as it was, as <see cref="BackMatchingLoss"/> describes. The activations of
/// all blocks are held until the pass, which owns the losses, is disposed.
/// </remarks>
public sealed class BackMatchingPass : IReadOnlyList<BackMatchingLoss>, IDisposable
{
    private readonly BackMatchingLoss[] _blocks;

    private BackMatchingPass(BackMatchingLoss? prefix, BackMatchingLoss[] blocks) => (Prefix, _blocks) = (prefix, blocks);

    /// <summary>Runs the network.</summary>
    /// <param name="network">The network; its layers are invoked with <c>call</c>.</param>
    /// <param name="input">A batch, batch dimension first, real floating point.</param>
    /// <param name="loss">From the network's output to the scalar J.</param>
    /// <param name="blocks">
    /// Dotted names of the modules that begin a block each. Default: every linear layer and convolution. A network with skip connections
    /// is a chain of its residual blocks: name those.
    /// </param>
    /// <exception cref="NotAChainException">A value bypasses a block.</exception>
    /// <exception cref="ArgumentException">
    /// A batch that is empty or not finite, a loss that is no finite scalar, a name that is unknown, contains another, or is never called.
    /// </exception>
    public static BackMatchingPass Run(
        nn.Module<Tensor, Tensor> network, Tensor input, Func<Tensor, Tensor> loss, IReadOnlyList<string>? blocks = null) =>
        Run(network, input, loss, blocks, inputRate: 1);

    internal static BackMatchingPass Run(
        nn.Module<Tensor, Tensor> network, Tensor input, Func<Tensor, Tensor> loss, IReadOnlyList<string>? blocks, double inputRate)
    {
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(loss);
        BlockRecorder.CheckInput(input);
        var cuts = Cuts(network, blocks);
        var leafModules = network.modules().Distinct().Where(m => !m.children().Any()).OfType<nn.Module<Tensor, Tensor>>()
            .Where(m => cuts.All(c => !ReferenceEquals(c.Module, m)));
        var weights = WeightLayer.In(network).Select(l => l.Weight).DistinctBy(w => w.Handle).ToList();

        using var scope = NewDisposeScope();
        using var snapshot = new NetworkSnapshot(network);
        using var held = new HeldStatistics(network);
        using var thaw = new Thaw(weights);
        var pass = SegmentedForward.Run(network, input, cuts, leafModules);
        var made = new List<BackMatchingLoss>();
        try
        {
            if (cuts.FirstOrDefault(c => pass.Segments.All(s => !ReferenceEquals(s.Module, c.Module))).Name is { } missing)
                throw new ArgumentException($"The forward pass did not call block '{missing}'. Invoke layers with call(x), which runs hooks, not forward(x).", nameof(blocks));
            ChainCheck.Run(pass.Segments);

            var last = pass.Segments[^1];
            var graph = BlockLossBuilder.Graph(last);
            made.Add(new BackMatchingLoss(BlockLossBuilder.Name(last), graph, null, BlockRecorder.Objective(graph, loss), last.Module, null));
            for (var b = pass.Segments.Count - 2; b >= 0; b--)
            {
                // A prefix of integers, or one that nothing trains, receives no signal.
                if (b == 0 && !pass.Segments[0].Output.requires_grad) break;
                var change = (-inputRate * made[^1].InputGradient()).DetachFromDisposeScope();
                made.Add(BlockLossBuilder.Make(pass.Segments[b], change));
            }

            made.Reverse();
            var hasPrefix = made.Count == pass.Segments.Count;
            if (!hasPrefix) pass.Segments[0].Output.Dispose();
            if (!hasPrefix) pass.Segments[0].Input.Dispose();
            return new BackMatchingPass(hasPrefix ? made[0] : null, made.Skip(hasPrefix ? 1 : 0).ToArray());
        }
        catch
        {
            foreach (var one in made) one.Dispose();
            pass.Dispose();
            throw;
        }
    }

    /// <summary>J.</summary>
    public double TrainingLoss => _blocks[^1].Value;

    /// <summary>Number of blocks, B.</summary>
    public int Count => _blocks.Length;

    /// <summary>The loss of a block in the order of execution, from 0.</summary>
    /// <param name="index">0 for the first block.</param>
    public BackMatchingLoss this[int index] => _blocks[index];

    /// <summary>What comes before the first block; null where the signal does not go there.</summary>
    internal BackMatchingLoss? Prefix { get; }

    /// <inheritdoc/>
    public IEnumerator<BackMatchingLoss> GetEnumerator() => ((IEnumerable<BackMatchingLoss>)_blocks).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Disposes the losses.</summary>
    public void Dispose()
    {
        Prefix?.Dispose();
        foreach (var block in _blocks) block.Dispose();
    }

    private static List<(string Name, nn.Module<Tensor, Tensor> Module)> Cuts(nn.Module<Tensor, Tensor> network, IReadOnlyList<string>? blocks)
    {
        if (blocks is null)
        {
            var layers = WeightLayer.In(network).Select(l => (l.Name, l.Module)).ToList();
            return layers.Count > 0 ? layers : throw new NotAChainException("The network has no linear layer and no convolution; name the modules that begin its blocks.");
        }

        var named = network.named_modules().Prepend(("", network)).DistinctBy(m => m.Item1).ToDictionary(m => m.Item1, m => m.Item2);
        var cuts = blocks.Select(name => named.GetValueOrDefault(name) is nn.Module<Tensor, Tensor> module
            ? (name, module)
            : throw new ArgumentException($"The network has no module '{name}' that takes and returns one tensor.", nameof(blocks))).ToList();
        if (cuts.Count == 0) throw new ArgumentException("No block is named.", nameof(blocks));
        foreach (var (name, module) in cuts)
            if (cuts.FirstOrDefault(c => c.name != name && module.modules().Any(m => ReferenceEquals(m, c.module))).name is { } inner)
                throw new ArgumentException($"Block '{name}' contains block '{inner}'.", nameof(blocks));
        return cuts;
    }
}
