namespace LocalHessian.Blocks;

/// <summary>
/// What is known of a network: its parameters, where it is cut into blocks, and, where it is a chain of linear and
/// convolution layers for which the closed form holds, that chain; else why not.
/// </summary>
/// <remarks>
/// <para>
/// Blocks are the smallest pieces that nothing bypasses. A module with weights that maps one tensor to one tensor begins a
/// block if every path from the network's input to its output leads through the module's input: in a chain these are the
/// layers, in a ResNet the stem, the residual blocks and the head. What runs between two such inputs, as modules or as
/// function calls, belongs to the block before. What comes before the first, if it has weights (an embedding, a recurrent
/// layer), is a block too; a network that nothing divides is one block.
/// </para>
/// <para>
/// The paths are found exactly: the network runs once, in evaluation mode, cut at the input of every candidate, and automatic
/// differentiation shows which cuts each value depends on. Values that are not differentiated (token numbers, masks made of
/// them) count as constants. The pass leaves no trace: running statistics, training flags, gradients, the CPU random state
/// and hooks are as before, also after an error.
/// </para>
/// <para>Immutable. It refers to the network and its parameters, and owns no tensor.</para>
/// </remarks>
public sealed class NetworkStructure
{
    internal NetworkStructure(nn.Module network) => Network = network;

    /// <summary>The network.</summary>
    public nn.Module Network { get; }

    /// <summary>Every parameter that is not plain, with its name.</summary>
    public required IReadOnlyList<NamedParameter> Parameters { get; init; }

    /// <summary>Parameters that the caller wants trained by plain SGD.</summary>
    public required IReadOnlyList<NamedParameter> PlainParameters { get; init; }

    /// <summary>The network as a chain of weight layers, for which the closed form holds; null if it is none.</summary>
    public BlockChain? Chain { get; init; }

    /// <summary>Why the closed form does not hold; null if it does.</summary>
    public string? WhyNoChain => ChainError?.Message;

    /// <summary>
    /// Names of the blocks, in the order in which they run: of the module with which a block begins; of the only module with
    /// weights, or <c>(input)</c>, where that is what comes before the first such module; <c>(network)</c> for a network that
    /// nothing divides. Empty if no blocks could be found.
    /// </summary>
    public IReadOnlyList<string> Blocks { get; init; } = [];

    /// <summary>How the blocks were chosen, or why there are none, in a sentence.</summary>
    public required string About { get; init; }

    /// <summary>Parameters that take part in several blocks (tied weights): no single block's Hessian is theirs.</summary>
    public IReadOnlyList<NamedParameter> SharedParameters { get; init; } = [];

    internal Exception? ChainError { get; init; }

    /// <summary>Where a pass is cut; the segments of such a pass are what precedes the first cut, then one a cut.</summary>
    internal IReadOnlyList<NamedModule> Cuts { get; init; } = [];

    /// <summary>Whether what precedes the first cut is a block.</summary>
    internal bool PrefixIsBlock { get; init; }

    /// <summary>Which segments of a pass cut at <see cref="Cuts"/> each parameter takes part in.</summary>
    internal IReadOnlyDictionary<IntPtr, HashSet<int>> Owners { get; init; } = new Dictionary<IntPtr, HashSet<int>>();

    /// <summary>Describes a network.</summary>
    /// <param name="network">The network, already on its device and in its dtype.</param>
    /// <param name="exampleInput">
    /// A batch, of one sample at least. Without it, or where the network takes more than one tensor, the parameters alone are
    /// known.
    /// </param>
    /// <param name="blocks">
    /// Names of modules, or of their types, that are to be one block each, as a whole; the rest of the network is divided by
    /// the default rule. Null for the default everywhere.
    /// </param>
    /// <param name="plain">
    /// Names of parameters, or of modules all of whose parameters, to be trained by plain SGD; null for none.
    /// </param>
    /// <exception cref="ArgumentException">
    /// An unknown name; nested blocks; a trainable parameter, named, that is no dense real floating-point tensor; a layer
    /// that runs without being registered; or an input that the network does not take.
    /// </exception>
    /// <exception cref="NotAChainException">
    /// Blocks were named, but a value bypasses one, or one runs twice or not at all.
    /// </exception>
    public static NetworkStructure Find(
        nn.Module network, Tensor? exampleInput = null, IReadOnlyList<string>? blocks = null, IReadOnlyList<string>? plain = null)
    {
        ArgumentNullException.ThrowIfNull(network);
        var call = network is nn.Module<Tensor, Tensor> single && exampleInput is not null
            ? NetworkCall.Of(single, exampleInput) : null;
        return new StructureFinder(network, call, blocks, plain ?? []).Find();
    }

    /// <summary>Describes a network by running it in any way.</summary>
    /// <param name="call">The network and its inputs.</param>
    /// <param name="blocks">As in the other overload.</param>
    /// <param name="plain">As in the other overload.</param>
    /// <inheritdoc cref="Find(nn.Module, Tensor, IReadOnlyList{string}, IReadOnlyList{string})" path="/exception"/>
    public static NetworkStructure Find(NetworkCall call, IReadOnlyList<string>? blocks = null,
        IReadOnlyList<string>? plain = null)
    {
        ArgumentNullException.ThrowIfNull(call);
        return new StructureFinder(call.Network, call, blocks, plain ?? []).Find();
    }

    /// <summary>The parameters that take part in a segment, and in no other where <paramref name="alone"/>.</summary>
    internal IEnumerable<NamedParameter> ParametersOf(int segment, bool alone = false) =>
        Parameters.Concat(PlainParameters)
            .Where(p => Owners.TryGetValue(p.Parameter.Handle, out var at) && at.Contains(segment) && !(alone && at.Count > 1));

    /// <summary>A pass cut into the blocks, in the mode the network is in.</summary>
    /// <param name="call">The network and its inputs.</param>
    /// <param name="observed">Modules of which only the position in the pass is wanted.</param>
    /// <param name="feed">Segments of an earlier pass, whose inputs each segment is to receive.</param>
    /// <exception cref="NotAChainException">
    /// In this mode, or on this input, other blocks run than when the structure was found.
    /// </exception>
    internal SegmentedPass Pass(NetworkCall call, IEnumerable<nn.Module<Tensor, Tensor>>? observed = null,
        IReadOnlyList<Segment>? feed = null)
    {
        if (!ReferenceEquals(call.Network, Network))
            throw new ArgumentException("The structure is of another network.", nameof(call));
        if (Blocks.Count == 0) throw new NotAChainException(About);
        var pass = SegmentedPass.Run(call, Cuts, observed, feed);
        if (pass.Segments.Skip(1).Select(s => s.Name).SequenceEqual(Cuts.Select(c => c.Name))) return pass;
        var ran = Internal.Describe.Names(pass.Segments.Skip(1).Select(s => s.Name));
        pass.Dispose();
        throw new NotAChainException(
            $"The pass ran the blocks {ran}, where {Internal.Describe.Names(Cuts.Select(c => c.Name))} were found in "
            + "evaluation mode: the network runs otherwise in this mode or on this input. Find the structure anew, or name a "
            + "module that contains what varies as one block.");
    }

    /// <summary>The name of a segment's block.</summary>
    internal string NameOf(int segment) => segment > 0 ? Cuts[segment - 1].Name : PrefixIsBlock ? Blocks[0] : "(input)";
}
