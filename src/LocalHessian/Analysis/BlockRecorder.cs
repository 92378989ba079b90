using LocalHessian.Blocks;
using LocalHessian.Internal;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian;

/// <summary>Records a block's evaluation and checks what goes in and what comes out.</summary>
internal static class BlockRecorder
{
    public static BlockGraph Record(nn.Module<Tensor, Tensor> block, Tensor input, IReadOnlyList<Parameter>? weights)
    {
        ArgumentNullException.ThrowIfNull(block);
        weights ??= WeightLayer.In(block).Select(l => l.Weight).DistinctBy(w => w.Handle).ToList();
        using var snapshot = new NetworkSnapshot(block);
        using var held = new HeldStatistics(block);
        return Record(block.call, input, weights);
    }

    public static BlockGraph Record(Func<Tensor, Tensor> block, Tensor input, IReadOnlyList<Tensor> weights)
    {
        ArgumentNullException.ThrowIfNull(block);
        ArgumentNullException.ThrowIfNull(weights);
        CheckInput(input);
        foreach (var weight in weights)
            if (weight.dtype != input.dtype || !LinearOperator.SameDevice(weight.device, input.device))
                throw new ArgumentException(
                    $"The input is {input.dtype} on {input.device} and a weight {weight.dtype} on {weight.device}; they must agree.", nameof(input));
        if (weights.FirstOrDefault(w => !w.is_leaf) is { } derived)
            throw new ArgumentException($"A weight of shape {Shape(derived)} is the result of an operation, not a leaf of the graph.", nameof(weights));

        var graph = BlockGraph.Record(block, input, weights);
        if (Finite(graph.Output)) return graph;
        graph.Dispose();
        throw new ArgumentException("The block's output has an entry that is NaN or infinite; look at its weights.", nameof(block));
    }

    public static void CheckInput(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        if (input.dim() < 2 || input.numel() == 0)
            throw new ArgumentException(
                $"The input has shape {Shape(input)}; a batch with at least one sample is needed, batch dimension first.", nameof(input));
        if (!input.is_floating_point())
            throw new ArgumentException($"The input must be real floating point, not {input.dtype}.", nameof(input));
        if (!Finite(input)) throw new ArgumentException("The input has an entry that is NaN or infinite.", nameof(input));
    }

    public static Tensor? Change(BlockGraph graph, Tensor? change)
    {
        if (change is null) return null;
        if (!change.shape.SequenceEqual(graph.Output.shape) || change.dtype != graph.Output.dtype)
            throw new ArgumentException(
                $"The desired change is {change.dtype} of shape {Shape(change)}, the block's output {graph.Output.dtype} of shape {Shape(graph.Output)}.",
                nameof(change));
        if (!Finite(change)) throw new ArgumentException("The desired change has an entry that is NaN or infinite.", nameof(change));
        return change.detach().clone().DetachFromDisposeScope();
    }

    public static Tensor Objective(BlockGraph graph, Func<Tensor, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        var value = loss(graph.Output);
        if (value.numel() != 1) throw new ArgumentException($"The loss has shape {Shape(value)}; a scalar is needed.", nameof(loss));
        if (!Finite(value)) throw new ArgumentException("The loss is NaN or infinite.", nameof(loss));
        return value.clone().DetachFromDisposeScope();
    }

    public static string Shape(Tensor t) => $"[{string.Join(", ", t.shape)}]";

    private static bool Finite(Tensor t)
    {
        using var scope = NewDisposeScope();
        using var noGrad = no_grad();
        return t.detach().isfinite().all().item<bool>();
    }
}
