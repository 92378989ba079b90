using System.Runtime.InteropServices;

namespace LocalHessian;

/// <summary>Records a block's evaluation and checks what goes in and what comes out.</summary>
internal static class BlockRecorder
{
    public static BlockGraph Record(nn.Module<Tensor, Tensor> block, Tensor input, IReadOnlyList<Parameter>? weights)
    {
        ArgumentNullException.ThrowIfNull(block);
        weights ??= block.parameters().Where(p => p.dim() > 1).DistinctBy(w => w.Handle).ToList();
        using var snapshot = new NetworkSnapshot(block);
        using var held = new HeldStatistics(block);
        return Record(block.call, input, weights);
    }

    public static BlockGraph Record(Func<Tensor, Tensor> block, Tensor input, IReadOnlyList<Tensor> weights)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(weights);
        BatchInput.ThrowUnlessBatch(input);
        if (input.is_complex()) throw new ArgumentException($"The input must be real, not {input.dtype}.", nameof(input));
        foreach (var weight in weights)
            if ((input.is_floating_point() && weight.dtype != input.dtype)
                || !LinearOperator.SameDevice(weight.device, input.device))
                throw new ArgumentException(
                    $"The input is {input.dtype} on {input.device} and a weight {weight.dtype} on {weight.device}; they must "
                    + "agree.", nameof(input));
        if (weights.FirstOrDefault(w => !w.is_leaf) is { } derived)
            throw new ArgumentException(
                $"A weight of shape {Describe.Shape(derived)} is the result of an operation, not a leaf of the graph.",
                nameof(weights));

        BlockGraph graph;
        try
        {
            graph = BlockGraph.Record(block, input, weights);
        }
        catch (ExternalException e)
        {
            throw new ArgumentException($"The block cannot be run on {Describe.Tensor(input)}: {Describe.FirstLine(e)}",
                nameof(input), e);
        }

        if (Finite.Is(graph.Output)) return graph;
        graph.Dispose();
        throw new ArgumentException("The block's output has an entry that is NaN or infinite; look at its weights.",
            nameof(block));
    }

    public static Tensor? Change(BlockGraph graph, Tensor? change)
    {
        if (change is null) return null;
        if (!change.shape.SequenceEqual(graph.Output.shape) || change.dtype != graph.Output.dtype)
            throw new ArgumentException(
                $"The desired change is {change.dtype} of shape {Describe.Shape(change)}, the block's output "
                + $"{graph.Output.dtype} of shape {Describe.Shape(graph.Output)}.", nameof(change));
        Finite.ThrowUnless(change, "The desired change", nameof(change));
        return change.detach().clone().DetachFromDisposeScope();
    }
}
