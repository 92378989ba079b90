using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Blocks;

/// <summary>
/// A network of any architecture: its parameters, each of which is measured or trained by plain SGD, and, where the network
/// is a chain of composite blocks (residual blocks, transformer layers), those blocks.
/// </summary>
/// <remarks>
/// Composite scales need the parameters only, so that any module will do: branches, attention, recurrences, shared
/// layers, several inputs. Factors measured block by block need blocks that form a chain.
/// </remarks>
public sealed class BlockSet
{
    internal BlockSet(nn.Module network) => Network = network;

    /// <summary>The network.</summary>
    public nn.Module Network { get; }

    /// <summary>Parameters whose scale is measured.</summary>
    public required IReadOnlyList<NamedParameter> Parameters { get; init; }

    /// <summary>Parameters that the caller wants trained by plain SGD.</summary>
    public required IReadOnlyList<NamedParameter> PlainParameters { get; init; }

    /// <summary>The network as a chain of weight layers, for which the closed form holds; null if it is none.</summary>
    public BlockChain? Chain { get; internal set; }

    /// <summary>Names of the modules with which blocks begin, in execution order; empty if the network is no chain of blocks.</summary>
    public IReadOnlyList<string> Blocks => [.. Cuts.Select(c => c.Name)];

    /// <summary>Why the network is no chain of blocks; null if it is one.</summary>
    public string? WhyNoBlocks { get; internal set; }

    internal IReadOnlyList<(string Name, nn.Module<Tensor, Tensor> Module)> Cuts { get; set; } = [];

    /// <summary>Which segments of a pass cut at <see cref="Cuts"/> each parameter takes part in; segment 0 precedes the first cut.</summary>
    internal Dictionary<IntPtr, HashSet<int>> Owners { get; } = [];

    internal nn.Module<Tensor, Tensor> TensorNetwork => (nn.Module<Tensor, Tensor>)Network;

    /// <summary>Describes a network.</summary>
    /// <remarks>
    /// The default blocks are those of ResNet-style modules: containers (<c>Sequential</c>, <c>ModuleList</c>) are opened, and every
    /// other module with parameters that maps one tensor to one tensor begins a block — a weight layer, or a module of the
    /// user's own as a whole. Normalisation layers belong to the block before. The network is run in evaluation mode and left
    /// without a trace.
    /// </remarks>
    /// <param name="network">The network, already on its device and in its dtype.</param>
    /// <param name="exampleInput">A batch, for finding blocks; may be null, and is of no use where the network takes more than one tensor.</param>
    /// <param name="blocks">Names of modules, or of their types, that are to be one block each; null for the default.</param>
    /// <param name="plain">Names of parameters, or of modules all of whose parameters, to be trained by plain SGD; null for none.</param>
    /// <exception cref="ArgumentException">An unknown name; nested blocks; or a trainable parameter, named, that is no dense real floating-point tensor.</exception>
    /// <exception cref="NotAChainException">Blocks were named, but a value bypasses one, or one runs twice or not at all.</exception>
    public static BlockSet Find(
        nn.Module network, Tensor? exampleInput = null, IReadOnlyList<string>? blocks = null, IReadOnlyList<string>? plain = null) =>
        new BlockSetFinder(network, exampleInput, blocks, plain ?? []).Find();
}
