using LocalHessian.Blocks;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>
/// The back-matching loss of a block, <c>ℓ_b(W, z) = ½ Σ_j ‖z_b[j] + Δ_b[j] − F_b(W, z)[j]‖²</c>, summed over the batch —
/// eq. (5); for the last block the training loss J. It holds one recorded evaluation of the block, at the weights and input given, from which
/// gradients, exact Hessians and operators are taken.
/// </summary>
/// <remarks>
/// <para>Nothing changes in the block: running statistics, gradients, flags, the CPU random state are as before. The block runs in
/// the mode it is in. Random layers such as dropout draw once, when the evaluation is recorded: F_b is the map with that mask.</para>
/// <para>The record refers to the block's weights: it is good until they change in place (an optimizer's step) or are disposed; what is
/// asked of it afterwards throws. Instances are not thread-safe, and hold the block's activations until disposed.</para>
/// </remarks>
public sealed partial class BackMatchingLoss : IDisposable
{
    private readonly BlockGraph _graph;
    private readonly LayerForm? _form;
    private readonly Tensor? _objective;
    private readonly nn.Module? _source;
    private bool _disposed;

    internal BackMatchingLoss(
        string name, BlockGraph graph, Tensor? desiredChange, Tensor? objective, nn.Module? source, LayerForm? form)
    {
        (Name, _graph, DesiredChange, _objective, _source, _form) = (name, graph, desiredChange, objective, source, form);
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        Value = objective is not null ? Number(objective) : desiredChange is null ? 0 : Number(desiredChange.square().sum()) / 2;
    }

    /// <summary>The back-matching loss of a module.</summary>
    /// <param name="block">The block's map F_b, in the mode it is in; the batch is the first dimension of its input and output.</param>
    /// <param name="input">z_{b-1}, real floating point and finite.</param>
    /// <param name="desiredChange">Δ_b, of the output's shape. Default zero: then the residual part is zero.</param>
    /// <param name="weights">
    /// W_b; several are read as one vector, one after the other. Default: the weights of the linear layers and convolutions in the
    /// block, in the order of registration.
    /// </param>
    /// <exception cref="ArgumentException">Input, output or change is not finite, not floating point, empty or of the wrong shape.</exception>
    public static BackMatchingLoss Of(
        nn.Module<Tensor, Tensor> block, Tensor input, Tensor? desiredChange = null, IReadOnlyList<Parameter>? weights = null)
    {
        var graph = BlockRecorder.Record(block, input, weights);
        return WithChange(block, graph, desiredChange);
    }

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
        try
        {
            return new BackMatchingLoss(block.GetName(), graph, null, BlockRecorder.Objective(graph, loss), block, null);
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    /// <summary>The block's name: dotted, in its network; else the module's own.</summary>
    public string Name { get; }

    /// <summary>Whether the loss is the training loss J, that of the last block.</summary>
    public bool IsTrainingLoss => _objective is not null;

    /// <summary>ℓ_b at the weights and input given, ½‖Δ_b‖²; J for the last block.</summary>
    public double Value { get; }

    /// <summary>N, the samples of the batch.</summary>
    public long Samples => _graph.Input.shape[0];

    /// <summary>z_{b-1}. It belongs to this object.</summary>
    public Tensor Input => Alive()._graph.Input;

    /// <summary>z_b. It belongs to this object.</summary>
    public Tensor Output => Alive()._graph.Output;

    /// <summary>Δ_b; null where it was not given (zero), and for the training loss. It belongs to this object.</summary>
    public Tensor? DesiredChange { get; }

    /// <summary>W_b: one tensor, several that are read as one vector, or none.</summary>
    public IReadOnlyList<Tensor> Weights => _graph.Weights;

    /// <summary>∇_z ℓ_b = −A_zᵀΔ_b, of the input's shape — Prop. 1; ∂J/∂z for the last block.</summary>
    public Tensor InputGradient()
    {
        using var scope = NewDisposeScope();
        return Gradient(InputTheta()).reshape(_graph.Input.shape).MoveToOuterDisposeScope();
    }

    /// <summary>∇_vec(W) ℓ_b = −A_WᵀΔ_b as a vector: what back-propagation computes, Prop. 1.</summary>
    public Tensor WeightGradient() => Gradient(WeightTheta());

    /// <summary>Releases the record. The weights are the caller's.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _graph.Dispose();
        _form?.Release();
        _objective?.Dispose();
        DesiredChange?.Dispose();
    }

    private static BackMatchingLoss WithChange(nn.Module<Tensor, Tensor>? block, BlockGraph graph, Tensor? change)
    {
        try
        {
            return new BackMatchingLoss(
                block?.GetName() ?? "function", graph, BlockRecorder.Change(graph, change), null, block, block is null ? null : LayerForm.Of(block, graph));
        }
        catch
        {
            graph.Dispose();
            throw;
        }
    }

    private static double Number(Tensor scalar) => scalar.detach().to(ScalarType.Float64).item<double>();

    private Tensor Gradient(LeafVector theta)
    {
        using var scope = NewDisposeScope();
        var parts = _objective is not null
            ? BlockGraph.Pull(_objective, theta.Leaves, null)
            : BlockGraph.Pull(_graph.Output, theta.Leaves, DesiredChange is null ? zeros_like(_graph.Output) : -DesiredChange);
        return theta.Gather(parts).MoveToOuterDisposeScope();
    }

    private BackMatchingLoss Alive()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return this;
    }
}
