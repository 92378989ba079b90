using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Optim;

/// <summary>Per-parameter state: the momentum buffer and nothing else, under the name that PyTorch's SGD gives it.</summary>
public sealed class SGDState : OptimizerState, IDisposable
{
    /// <summary>v of the parameter's shape, dtype and device; null before the first step and without momentum.</summary>
#pragma warning disable CA1051 // a field, as in TorchSharp's own SGD: checkpoint readers look it up by reflection
    public Tensor? momentum_buffer;
#pragma warning restore CA1051

    /// <summary>Creates the empty state of a parameter.</summary>
    /// <param name="parameter">The parameter.</param>
    public SGDState(Parameter parameter) : base(parameter) { }

    /// <summary>Disposes the momentum buffer.</summary>
    public void Dispose() => Replace(null);

    /// <inheritdoc/>
    public override void Initialize(OptimizerOptions options) => Replace(null);

    /// <inheritdoc/>
    public override void to(Device device)
    {
        if (momentum_buffer is not null) Replace(momentum_buffer.to(device, copy: true));
    }

    /// <inheritdoc/>
    public override void SaveStateDict(BinaryWriter writer) => SaveConditionalStateTensor(writer, momentum_buffer!);

    /// <inheritdoc/>
    public override void LoadStateDict(BinaryReader reader)
    {
        var loaded = momentum_buffer;
        LoadConditionalStateTensor(reader, ref loaded, _parameter.device);
        momentum_buffer = loaded?.DetachFromDisposeScope();
    }

    /// <inheritdoc/>
    public override void LoadStateDict(OptimizerState source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var other = source switch
        {
            SGDState own => own.momentum_buffer,
            SGD.State torch => torch.momentum_buffer,
            _ => throw new ArgumentException($"State of another optimizer: {source.GetType().FullName}.", nameof(source)),
        };
        Replace(other?.to(_parameter.device, copy: true));
    }

    /// <inheritdoc/>
    public override bool ApproximatelyEquals(OptimizerState other) =>
        other is SGDState { momentum_buffer: var theirs }
        && (momentum_buffer is null ? theirs is null : theirs is not null && momentum_buffer.allclose(theirs));

    /// <summary>The buffer outlives whatever dispose scope is open, and the one it replaces is disposed.</summary>
    internal void Replace(Tensor? buffer)
    {
        if (!ReferenceEquals(momentum_buffer, buffer)) momentum_buffer?.Dispose();
        momentum_buffer = buffer?.DetachFromDisposeScope();
    }
}
