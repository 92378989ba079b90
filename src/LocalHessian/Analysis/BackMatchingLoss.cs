using System.Globalization;
using LocalHessian.Blocks;
using LocalHessian.Internal;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>
/// The back-matching loss of a block, <c>ℓ_b(W, z) = ½ Σ_j ‖z_b[j] + Δ_b[j] − F_b(W, z)[j]‖²</c>, summed over the batch —
/// eq. (5); for the last block the training loss J. It holds one recorded evaluation of the block, at the weights and input
/// given, from which gradients, exact Hessians and operators are taken: with respect to the input by <see cref="ForInput"/>,
/// to the weight by <see cref="ForWeight"/>.
/// </summary>
/// <remarks>
/// <para>Nothing changes in the block: running statistics, gradients, flags, the CPU random state are as before. The block
/// runs in
/// the mode it is in. Random layers such as dropout draw once, when the evaluation is recorded: F_b is the map with that
/// mask.</para>
/// <para>The record refers to the block's weights: it is good until they change in place (an optimizer's step) or are
/// disposed; what is
/// asked of it afterwards throws. Instances are not thread-safe, and hold the block's activations until disposed.</para>
/// </remarks>
public sealed class BackMatchingLoss : IDisposable
{
    private readonly BlockGraph _graph;
    private bool? _dependsOnInput, _dependsOnWeight;
    private bool _disposed;

    internal BackMatchingLoss(string name, BlockGraph graph, Tensor? desiredChange, Tensor? objective, nn.Module? source,
        LayerForm? form)
    {
        (Name, _graph, DesiredChange, Objective, Source, Form) = (name, graph, desiredChange, objective, source, form);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Value = objective is not null ? Number(objective) : desiredChange is null ? 0 : Number(desiredChange.square().sum()) / 2;
    }

    /// <summary>The back-matching loss of a module.</summary>
    /// <param name="block">
    /// The block's map F_b, in the mode it is in; the batch is the first dimension of its input and output.
    /// </param>
    /// <param name="input">
    /// z_{b-1}, finite; floating point, or integers (tokens), with respect to which there is no Hessian.
    /// </param>
    /// <param name="desiredChange">Δ_b, of the output's shape. Default zero: then the residual part is zero.</param>
    /// <param name="weights">
    /// W_b; several are read as one vector, one after the other. Default: the block's parameters of two or more dimensions
    /// (weights of layers, embeddings, recurrences; no biases, gains and shifts), in the order of registration.
    /// </param>
    /// <exception cref="ArgumentException">
    /// Input, output or change is not finite, empty or of the wrong shape or dtype.
    /// </exception>
    public static BackMatchingLoss Of(
        nn.Module<Tensor, Tensor> block, Tensor input, Tensor? desiredChange = null, IReadOnlyList<Parameter>? weights = null) =>
        WithChange(block, BlockRecorder.Record(block, input, weights), desiredChange);

    /// <summary>The back-matching loss of a function, which has no closed form.</summary>
    /// <param name="block">The map, built from differentiable operations.</param>
    /// <param name="input">z_{b-1}.</param>
    /// <param name="desiredChange">Δ_b; default zero.</param>
    /// <param name="weights">Leaves that the function uses; default none, then there is no weight Hessian.</param>
    /// <inheritdoc cref="Of(nn.Module{Tensor, Tensor}, Tensor, Tensor, IReadOnlyList{Parameter})" path="/exception"/>
    public static BackMatchingLoss Of(
        Func<Tensor, Tensor> block, Tensor input, Tensor? desiredChange = null, IReadOnlyList<Tensor>? weights = null) =>
        WithChange(null, BlockRecorder.Record(block, input, weights ?? []), desiredChange);

    /// <summary>The local loss of a network's last block: the training loss J as a function of its weight and input.</summary>
    /// <param name="block">The last block.</param>
    /// <param name="input">z_{B-1}.</param>
    /// <param name="loss">From the block's output to a scalar.</param>
    /// <param name="weights">As in the other overloads.</param>
    /// <exception cref="ArgumentException">As in the other overloads; the loss is no finite scalar.</exception>
    public static BackMatchingLoss OfTrainingLoss(
        nn.Module<Tensor, Tensor> block, Tensor input, Func<Tensor, Tensor> loss, IReadOnlyList<Parameter>? weights = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        var graph = BlockRecorder.Record(block, input, weights);
        return Owning(graph, () => new(block.GetName(), graph, null, TrainingLoss.Of(graph.Output, loss), block, null));
    }

    /// <summary>The block's name: dotted, in its network; else the module's own.</summary>
    public string Name { get; }

    /// <summary>Whether the loss is the training loss J, that of the last block.</summary>
    public bool IsTrainingLoss => Objective is not null;

    /// <summary>ℓ_b at the weights and input given, ½‖Δ_b‖²; J for the last block.</summary>
    public double Value { get; }

    /// <summary>N, the samples of the batch.</summary>
    public long Samples => _graph.Samples;

    /// <summary>z_{b-1}. It belongs to this object.</summary>
    /// <exception cref="InvalidOperationException">
    /// It is not one known tensor: the network has several inputs, or a function calls it.
    /// </exception>
    public Tensor Input =>
        Graph.Input ?? throw new InvalidOperationException($"The input of block '{Name}' is not one known tensor.");

    /// <summary>z_b. It belongs to this object.</summary>
    public Tensor Output => Graph.Output;

    /// <summary>Δ_b; null where it was not given (zero), and for the training loss. It belongs to this object.</summary>
    public Tensor? DesiredChange { get; }

    /// <summary>W_b: one tensor, several that are read as one vector, or none.</summary>
    public IReadOnlyList<Tensor> Weights => _graph.Weights;

    /// <summary>The loss as a function of z_{b-1}: gradient, H_z, efficiency of the signal.</summary>
    /// <param name="sample">
    /// The sample whose block is wanted, <c>D_{b-1}</c> entries; null for the whole batch, <c>N·D_{b-1}</c>. Without batch norm
    /// in training mode these blocks are all there is: samples do not interact.
    /// </param>
    /// <exception cref="IndependentBlockException">
    /// The output does not depend on the input, or the input is not one floating-point tensor.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The batch has no such sample.</exception>
    public LocalCurvature ForInput(long? sample = null)
    {
        if (Graph.Input is not { requires_grad: true } input)
            throw new IndependentBlockException(Name, "a differentiable input",
                "It reads integers, several tensors, or what a function holds.");
        if (!(_dependsOnInput ??= _graph.DependsOn([input])))
            throw new IndependentBlockException(Name, "its input", "Is it detached on the way, or constant?");
        if (sample < 0 || sample >= Samples)
            throw new ArgumentOutOfRangeException(nameof(sample), sample, $"The batch has the samples 0 to {Samples - 1}.");
        var features = input.numel() / Samples;
        return new(this, InputForm.Of(Form, sample), () => new LeafVector(
            [input], sample is { } s ? arange(s * features, (s + 1) * features, ScalarType.Int64, input.device) : null));
    }

    /// <summary>The loss as a function of vec(W_b): gradient, H_W, efficiency of the signal.</summary>
    /// <param name="channel">
    /// The output channel or unit whose diagonal block is wanted, <c>dim W/n</c> entries; null for all of it. Of a linear or
    /// convolution layer, with or without batch norm, the diagonal blocks are all there is.
    /// </param>
    /// <exception cref="IndependentBlockException">The output does not depend on the weight.</exception>
    /// <exception cref="InvalidOperationException">The block has no weight, or several and a channel is asked for.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The weight has no such channel.</exception>
    public LocalCurvature ForWeight(long? channel = null)
    {
        if (Graph.Weights.Count == 0)
            throw new InvalidOperationException($"Block '{Name}' has no weight of its own; name its weights when creating the "
                + "loss.");
        if (!(_dependsOnWeight ??= _graph.DependsOn(Weights)))
            throw new IndependentBlockException(Name, "its weight", "Is the layer called, and its result used?");
        if (channel is null) return new(this, WeightForm.Of(Form, channel), () => new LeafVector(Weights));
        if (Weights.Count > 1)
            throw new InvalidOperationException($"Block '{Name}' has {Weights.Count} weights; an output channel is one of a "
                + "single weight.");

        var layout = new ChannelLayout(Source, Weights[0]);
        if (channel < 0 || channel >= layout.Channels)
            throw new ArgumentOutOfRangeException(nameof(channel), channel,
                $"The weight has the output channels 0 to {layout.Channels - 1}.");
        return new(this, WeightForm.Of(Form, channel), () => new LeafVector(Weights, layout.Entries(channel.Value)));
    }

    /// <summary>Releases the record. The weights are the caller's.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _graph.Dispose();
        Form?.Release();
        Objective?.Dispose();
        DesiredChange?.Dispose();
    }

    /// <summary>Name, size of the batch and value on one line.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Name}: {(IsTrainingLoss ? "training loss J" : "back-matching loss")} {Value:G6} over {Samples} samples, output "
            + $"{Describe.Shape(_graph.Output.IsInvalid ? [] : _graph.Output.shape)}");

    internal BlockGraph Graph
    {
        get
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return _graph;
        }
    }

    /// <summary>J with its graph; null for other blocks than the last.</summary>
    internal Tensor? Objective { get; }

    internal nn.Module? Source { get; }

    internal LayerForm? Form { get; }

    internal bool IsDisposed => _disposed;

    internal bool HasInput => _graph.Input is not null;

    /// <summary>∇ℓ_b for each leaf, null where the block does not reach it.</summary>
    internal Tensor?[] Gradients(IReadOnlyList<Parameter> leaves) => Objective is not null
        ? Autograd.Grad([Objective], leaves)
        : Autograd.Grad([_graph.Output], leaves, [-(DesiredChange ?? zeros_like(_graph.Output))]);

    /// <summary>Runs a constructor that takes the graph over; after an error it is disposed.</summary>
    internal static BackMatchingLoss Owning(BlockGraph graph, Func<BackMatchingLoss> create)
    {
        try
        {
            return create();
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    private static BackMatchingLoss WithChange(nn.Module<Tensor, Tensor>? block, BlockGraph graph, Tensor? change) =>
        Owning(graph, () => new(
        block?.GetName() ?? "function", graph, BlockRecorder.Change(graph, change), null, block, block is null ? null
            : LayerForm.Of(block, graph)));

    private static double Number(Tensor scalar) => scalar.detach().to(ScalarType.Float64).item<double>();
}
