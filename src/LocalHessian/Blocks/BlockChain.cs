using System.Collections;

namespace LocalHessian.Blocks;

/// <summary>
/// The blocks of a network that is a chain: z_b = F_b(W_b, z_{b-1}), each block's output the next one's only input. In the
/// order in which they run.
/// </summary>
public sealed class BlockChain : IReadOnlyList<Block>
{
    private readonly Block[] _blocks;

    internal BlockChain(IEnumerable<Block> blocks, IEnumerable<NamedParameter> plain)
    {
        _blocks = [.. blocks];
        PlainParameters = [.. plain];
    }

    /// <summary>
    /// The chain of a network that is one: <see cref="NetworkStructure.Chain"/>, or an error that says why not.
    /// </summary>
    /// <remarks>
    /// Weight layers (<c>Linear</c>, <c>Conv1d/2d/3d</c>, <c>ConvTranspose1d/2d/3d</c>) begin blocks; whatever runs
    /// between them, as modules or as function calls, belongs to the block before.
    /// </remarks>
    /// <param name="network">
    /// The network. Its layers must be invoked with <c>call</c>, which runs hooks, not with <c>forward</c>.
    /// </param>
    /// <param name="exampleInput">A batch like those it trains on, batch dimension first; one sample is enough.</param>
    /// <param name="plain">
    /// Names of parameters, or of modules all of whose parameters, no rule need cover: they are trained by plain SGD.
    /// </param>
    /// <exception cref="NotAChainException">
    /// A skip connection or another bypass, a module used twice, a tied weight, a layer that is never called, an operation
    /// between two layers that mixes samples or channels, or a trainable parameter of a kind without a rule.
    /// </exception>
    /// <exception cref="ArgumentException">The example is no batch, or a name in <paramref name="plain"/> is unknown.</exception>
    public static BlockChain Find(nn.Module<Tensor, Tensor> network, Tensor exampleInput, params IReadOnlyList<string> plain)
    {
        ArgumentNullException.ThrowIfNull(exampleInput);
        ArgumentNullException.ThrowIfNull(plain);
        return new StructureFinder(network, NetworkCall.Of(network, exampleInput), null, plain).FindChain();
    }

    /// <summary>Number of blocks, B.</summary>
    public int Count => _blocks.Length;

    /// <summary>The block at a position in the order of execution, from 0.</summary>
    /// <param name="index">0 for the block that reads the network's input.</param>
    public Block this[int index] => _blocks[index];

    /// <summary>D_B, the number of outputs of the network a sample.</summary>
    public long OutputFeatures => _blocks[^1].OutputFeatures;

    /// <summary>Parameters that the caller wants trained by plain SGD.</summary>
    public IReadOnlyList<NamedParameter> PlainParameters { get; }

    /// <summary>
    /// Every parameter of the chain with its name: each block's weight and auxiliary parameters, then the plain ones.
    /// </summary>
    public IEnumerable<NamedParameter> Parameters =>
        _blocks.SelectMany(b => b.Auxiliary.Prepend(new NamedParameter(WeightName(b), b.Weight))).Concat(PlainParameters);

    /// <inheritdoc/>
    public IEnumerator<Block> GetEnumerator() => ((IEnumerable<Block>)_blocks).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    internal static string WeightName(Block block) => block.Name.Length == 0 ? "weight" : $"{block.Name}.weight";
}
