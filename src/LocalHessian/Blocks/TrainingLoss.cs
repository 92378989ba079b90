using System.Runtime.InteropServices;

namespace LocalHessian.Blocks;

/// <summary>A caller's loss at a network's output, checked, and the signal that it sends back.</summary>
internal static class TrainingLoss
{
    /// <summary>J with its graph, on no dispose scope.</summary>
    /// <param name="output">The network's output.</param>
    /// <param name="loss">From the output to a scalar.</param>
    /// <param name="advice">What to do where the loss does not take this output.</param>
    /// <exception cref="ArgumentException">The loss does not take the output, or is no finite scalar.</exception>
    public static Tensor Of(Tensor output, Func<Tensor, Tensor> loss, string advice = "")
    {
        using var scope = NewDisposeScope();
        using var recording = new RecordingScope();
        Tensor value;
        try
        {
            value = loss(output) ?? throw new ArgumentException("The loss is null; a scalar tensor is needed.", nameof(loss));
        }
        catch (ExternalException e)
        {
            throw new ArgumentException($"The loss cannot be computed of an output {Describe.Tensor(output)}: "
                + $"{Describe.FirstLine(e)} {advice}".TrimEnd(), nameof(loss), e);
        }

        if (value.numel() != 1)
            throw new ArgumentException($"The loss has shape {Describe.Shape(value)}; a scalar is needed.", nameof(loss));
        if (!Finite.Is(value)) throw new ArgumentException("The loss is NaN or infinite.", nameof(loss));
        return value.clone().DetachFromDisposeScope();
    }

    /// <summary>Δ = −∂J/∂z at the network's output, of its shape.</summary>
    /// <inheritdoc cref="Of" path="/param"/>
    /// <inheritdoc cref="Of" path="/exception"/>
    public static Tensor Signal(Tensor output, Func<Tensor, Tensor> loss, string advice = "")
    {
        using var recording = new RecordingScope();
        var leaf = output.detach().clone().requires_grad_();
        using var value = Of(leaf, loss, advice);
        return value.requires_grad && Autograd.Grad([value], [leaf])[0] is { } gradient ? -gradient : zeros_like(output);
    }
}
