using LocalHessian.Blocks;

namespace LocalHessian;

// How one is recorded.
public sealed partial class BackMatchingLoss
{
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

    /// <summary>Runs a constructor that takes the graph over; after an error it is disposed.</summary>
    private static BackMatchingLoss Owning(BlockGraph graph, Func<BackMatchingLoss> create)
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
        Owning(graph, () => new(block?.GetName() ?? "function", graph, BlockRecorder.Change(graph, change), null, block,
            block is null ? null : LayerForm.Of(block, graph)));
}
