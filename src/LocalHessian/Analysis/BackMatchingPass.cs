using System.Collections;
using LocalHessian.Blocks;

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

    private BackMatchingPass(NetworkStructure structure, BackMatchingLoss? prefix, BackMatchingLoss[] blocks) =>
        (Structure, Prefix, _blocks) = (structure, prefix, blocks);

    /// <summary>Runs a network that maps one tensor to one tensor.</summary>
    /// <param name="network">The network; its layers are invoked with <c>call</c>.</param>
    /// <param name="input">A batch, batch dimension first.</param>
    /// <param name="loss">From the network's output to the scalar J.</param>
    /// <param name="blocks">Names of modules or types that are to be one block each; null for the smallest blocks that
    /// nothing bypasses (<see cref="NetworkStructure"/>): in a chain the linear layers and convolutions.</param>
    /// <exception cref="NotAChainException">
    /// Blocks were named, but a value bypasses one, or one runs twice or not at all.
    /// </exception>
    /// <exception cref="ArgumentException">
    /// A batch that is empty or not finite, or that the network does not take; a loss that is no finite scalar; an unknown or
    /// nested name; a layer that runs without being registered.
    /// </exception>
    public static BackMatchingPass Run(
        nn.Module<Tensor, Tensor> network, Tensor input, Func<Tensor, Tensor> loss, IReadOnlyList<string>? blocks = null) =>
        Run(NetworkCall.Of(network, input), loss, blocks);

    /// <summary>Runs a network of any kind.</summary>
    /// <param name="call">The network and its inputs.</param>
    /// <param name="loss">From the network's output to the scalar J.</param>
    /// <param name="blocks">As in the other overload.</param>
    /// <inheritdoc cref="Run(nn.Module{Tensor, Tensor}, Tensor, Func{Tensor, Tensor}, IReadOnlyList{string})" path="/exception"/>
    public static BackMatchingPass Run(NetworkCall call, Func<Tensor, Tensor> loss, IReadOnlyList<string>? blocks = null) =>
        Run(NetworkStructure.Find(call, blocks), call, loss);

    /// <summary>Runs a network whose blocks are known.</summary>
    /// <param name="structure">The network's structure.</param>
    /// <param name="call">The network and its inputs.</param>
    /// <param name="loss">From the network's output to the scalar J.</param>
    /// <inheritdoc cref="Run(nn.Module{Tensor, Tensor}, Tensor, Func{Tensor, Tensor}, IReadOnlyList{string})" path="/exception"/>
    public static BackMatchingPass Run(NetworkStructure structure, NetworkCall call, Func<Tensor, Tensor> loss) =>
        Run(structure, call, loss, inputRate: 1);

    internal static BackMatchingPass Run(NetworkStructure structure, NetworkCall call, Func<Tensor, Tensor> loss,
        double inputRate)
    {
        ArgumentNullException.ThrowIfNull(structure);
        ArgumentNullException.ThrowIfNull(call);
        ArgumentNullException.ThrowIfNull(loss);
        var network = call.Network;
        var leafModules = network.modules().Distinct().Where(m => !m.children().Any()).OfType<nn.Module<Tensor, Tensor>>()
            .Where(m => structure.Cuts.All(c => !ReferenceEquals(c.Module, m)));
        var weights = structure.Parameters.Concat(structure.PlainParameters).Where(p => p.Parameter.dim() > 1)
            .Select(p => (Tensor)p.Parameter);

        using var scope = NewDisposeScope();
        using var snapshot = new NetworkSnapshot(network);
        using var held = new HeldStatistics(network);
        using var differentiable = new RequiresGradScope(weights);
        var pass = structure.Pass(call, leafModules);
        var made = new List<BackMatchingLoss>();
        try
        {
            var last = pass.Segments.Count - 1;
            Finite.ThrowUnless(pass.Output, "The network's output", nameof(call));
            var objective = Blocks.TrainingLoss.Of(pass.Output, loss);
            made.Add(SegmentLoss.Training(structure, last, pass.Segments[last], objective));
            if (!pass.Output.requires_grad)
                throw new ArgumentException("The network's output depends on nothing that can be differentiated (no_grad or "
                    + "inference_mode in the forward?).", nameof(call));
            foreach (var (index, segment, signal) in BackwardSegments.Of(pass, Blocks.TrainingLoss.Signal(pass.Output, loss),
                inputRate))
                if (index < last) made.Add(SegmentLoss.BackMatching(structure, index, segment, signal!.DetachFromDisposeScope()));

            made.Reverse();
            foreach (var unused in pass.Segments.Take(pass.Segments.Count - made.Count)) unused.Dispose();
            var hasPrefix = made.Count == pass.Segments.Count && !structure.PrefixIsBlock;
            return new(structure, hasPrefix ? made[0] : null, made.Skip(hasPrefix ? 1 : 0).ToArray());
        }
        catch
        {
            foreach (var one in made) one.Dispose();
            pass.Dispose();
            throw;
        }
    }

    /// <summary>The blocks as they were found.</summary>
    public NetworkStructure Structure { get; }

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
}
