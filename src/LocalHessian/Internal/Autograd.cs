using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace LocalHessian.Internal;

/// <summary>
/// The library's only way to differentiate. <c>torch.autograd.grad</c> has no exception guard in the native shim: an error
/// inside it ends the process. <c>torch.autograd.backward</c> has one, so gradients are taken through it, restricted to
/// the given inputs, and each input's own <c>.grad</c> is put back afterwards.
/// </summary>
internal static partial class Autograd
{
    /// <summary>
    /// Gradient of <c>Σ ⟨gradOutputs, outputs⟩</c> with respect to each input; <see langword="null"/> where no path leads
    /// from the outputs to the input. The graph is retained.
    /// </summary>
    /// <param name="outputs">Tensors that require gradients.</param>
    /// <param name="inputs">Leaves that require gradients.</param>
    /// <param name="gradOutputs">One tensor of the output's shape each; null only for scalar outputs.</param>
    /// <param name="createGraph">Whether the result can be differentiated again.</param>
    public static Tensor?[] Grad(
        IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor>? gradOutputs = null,
        bool createGraph = false)
    {
        ThrowUnlessFit(outputs, inputs, gradOutputs);
        using var precise = new FullPrecisionScope();
        var result = Differentiate(outputs, inputs, gradOutputs, createGraph);
        if (result.All(IsSound)
            || !OneDnn.TryWithout(() => Differentiate(outputs, inputs, gradOutputs, createGraph), out var again))
            return result;
        foreach (var first in result) first?.Dispose();
        return again!;
    }

    // NaN may be oneDNN's, whose convolutions are on the CPU and of float32.
    private static bool IsSound(Tensor? t) =>
        t is null || t.dtype != ScalarType.Float32 || t.device_type != DeviceType.CPU || Finite.Is(t);

    private static Tensor?[] Differentiate(
        IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs, IReadOnlyList<Tensor>? gradOutputs, bool createGraph)
    {
        var result = Guarded(outputs, inputs, gradOutputs);
        if (!createGraph) return result;

        // backward(create_graph) warns about reference cycles on standard error. It has just been shown to succeed on
        // this graph, so the unguarded call can no longer end the process.
        foreach (var first in result) first?.Dispose();
        var graded = autograd.grad(outputs.ToArray(), inputs.ToArray(), gradOutputs?.ToArray()!, retain_graph: true,
            create_graph: true, allow_unused: true)
            .Select(g => g.IsInvalid ? null : g).ToArray();
        return DerivativeCall.End() is { } fault ? throw Translated(fault) : graded;
    }

    /// <summary>Whether a path leads from an output to each leaf: not how large a gradient is, but that there is one.</summary>
    public static bool[] Reaches(Tensor output, IReadOnlyList<Tensor> leaves)
    {
        if (!output.requires_grad || leaves.Count == 0) return new bool[leaves.Count];
        using var scope = NewDisposeScope();
        return Array.ConvertAll(Grad([output], leaves, [ones_like(output)]), g => g is not null);
    }

    /// <summary>The gradient, without a look at arguments or result.</summary>
    internal static Tensor?[] Guarded(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs,
        IReadOnlyList<Tensor>? gradOutputs)
    {
        var before = inputs.Select(i => i.grad).ToArray();
        try
        {
            foreach (var input in inputs) input.grad = null;
            autograd.backward(outputs.ToArray(), gradOutputs?.ToArray()!, retain_graph: true, create_graph: false,
                inputs.ToArray());
            return DerivativeCall.End() is { } fault ? throw Translated(fault) : inputs.Select(i => i.grad).ToArray();
        }
        catch (ExternalException e)
        {
            throw Translated(DerivativeCall.End() ?? e);
        }
        finally
        {
            for (var i = 0; i < inputs.Count; i++)
            {
                inputs[i].grad = before[i];
                before[i]?.Dispose();
            }
        }
    }

    private static Exception Translated(Exception e)
    {
        if (e.Message.Contains("inplace operation", StringComparison.Ordinal))
            return new InvalidOperationException(
                "A tensor that the recorded computation uses has been changed in place since: a weight, by an optimizer's step "
                + "(then record it again), or an activation, by the forward pass itself (such a network cannot be trained "
                + "either).", e);
        return NoSecondDerivative().Match(e.Message) is { Success: true } missing
            ? new SecondDerivativeException(missing.Groups[1].Value, e)
            : new InvalidOperationException($"The computation cannot be differentiated: {Describe.FirstLine(e)}", e);
    }

    [GeneratedRegex("derivative for (\\S+) is not implemented")]
    private static partial Regex NoSecondDerivative();

    private static void ThrowUnlessFit(IReadOnlyList<Tensor> outputs, IReadOnlyList<Tensor> inputs,
        IReadOnlyList<Tensor>? gradOutputs)
    {
        if (outputs.Count == 0 || inputs.Count == 0) throw new ArgumentException("Nothing to differentiate.");
        if (outputs.Any(o => !o.requires_grad))
            throw new InvalidOperationException("An output does not depend on anything that requires a gradient.");
        if (inputs.Any(i => !i.requires_grad)) throw new InvalidOperationException("An input does not require a gradient.");
        if (gradOutputs is null)
        {
            if (outputs.Any(o => o.numel() != 1))
                throw new ArgumentException("An output that is not a scalar needs a vector to multiply its Jacobian.");
            return;
        }

        if (gradOutputs.Count != outputs.Count)
            throw new ArgumentException($"{outputs.Count} outputs but {gradOutputs.Count} vectors.");
        for (var i = 0; i < outputs.Count; i++)
        {
            Tensor o = outputs[i], g = gradOutputs[i];
            if (!o.shape.SequenceEqual(g.shape) || o.dtype != g.dtype || o.device_type != g.device_type)
                throw new ArgumentException(
                    $"The vector ({Describe.Tensor(g)}) does not match the output ({Describe.Tensor(o)}).");
        }
    }
}
