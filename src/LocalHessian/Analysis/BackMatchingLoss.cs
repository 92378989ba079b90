using System.Globalization;
using LocalHessian.Blocks;

namespace LocalHessian;

/// <summary>
/// The back-matching loss of a block, <c>ℓ_b(W, z) = ½ Σ_j ‖z_b[j] + Δ_b[j] − F_b(W, z)[j]‖²</c>, summed over the batch —
/// eq. (5); for the last block the training loss J. It holds one recorded evaluation of the block, at the weights and input
/// given, from which gradients, exact Hessians and operators are taken: with respect to the input by <see cref="ForInput"/>,
/// to the weight by <see cref="ForWeight"/>.
/// </summary>
/// <remarks>
/// <para>Nothing changes in the block: running statistics, gradients, flags, the CPU random state are as before. The block
/// runs in the mode it is in. Random layers such as dropout draw once, when the evaluation is recorded: F_b is the map with
/// that mask.</para>
/// <para>The record refers to the block's weights: it is good until they change in place (an optimizer's step) or are
/// disposed; what is asked of it afterwards throws. Instances are not thread-safe, and hold the block's activations until
/// disposed.</para>
/// </remarks>
public sealed partial class BackMatchingLoss : IDisposable
{
    private readonly BlockGraph _graph;
    private bool? _dependsOnInput, _dependsOnWeight;
    private bool _disposed;

    internal BackMatchingLoss(
        string name, BlockGraph graph, Tensor? desiredChange, Tensor? objective, nn.Module? source, LayerForm? form)
    {
        (Name, _graph, DesiredChange, Objective, Source, Form) = (name, graph, desiredChange, objective, source, form);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Value = objective?.ToNumber() ?? desiredChange?.square().sum().ToNumber() / 2 ?? 0;
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
            throw new IndependentBlockException(
                Name, "a differentiable input", "It reads integers, several tensors, or what a function holds.");
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
            throw new InvalidOperationException(
                $"Block '{Name}' has no weight of its own; name its weights when creating the loss.");
        if (!(_dependsOnWeight ??= _graph.DependsOn(Weights)))
            throw new IndependentBlockException(Name, "its weight", "Is the layer called, and its result used?");
        if (channel is not { } one) return new(this, WeightForm.Of(Form, channel), () => new LeafVector(Weights));
        if (Weights.Count > 1)
            throw new InvalidOperationException(
                $"Block '{Name}' has {Weights.Count} weights; an output channel is one of a single weight.");
        var layout = new ChannelLayout(Source, Weights[0]);
        layout.ThrowUnlessChannel(one);
        return new(this, WeightForm.Of(Form, channel), () => new LeafVector(Weights, layout.Entries(one)));
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
        $"{Name}: {(IsTrainingLoss ? "training loss J" : "back-matching loss")} {Value:G6} over {Samples} samples, output " +
        $"{Describe.Shape(_graph.Output.IsInvalid ? [] : _graph.Output.shape)}");

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
}
