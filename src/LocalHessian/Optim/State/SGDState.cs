namespace LocalHessian.Optim;

/// <summary>Per-parameter state: the momentum buffer and nothing else, under the name that PyTorch's SGD gives it.</summary>
public sealed class SGDState : OptimizerState, IDisposable
{
    /// <summary>v of the parameter's shape, dtype and device; null before the first step and without momentum.</summary>
#pragma warning disable CA1051 // a field, as in TorchSharp's own SGD: checkpoint readers look it up by reflection
    public Tensor? momentum_buffer;
#pragma warning restore CA1051

    private readonly ScaledSGD _owner;

    /// <summary>The optimizer's last step that met the parameter: twice in one step, it is in two groups.</summary>
    internal long LastStep { get; set; }

    internal SGDState(Parameter parameter, ScaledSGD owner) : base(parameter) => _owner = owner;

    /// <summary>Disposes the momentum buffer.</summary>
    public void Dispose() => Replace(null);

    /// <inheritdoc/>
    public override void Initialize(OptimizerOptions options) => Replace(null);

    /// <summary>Moves the buffer, to make room for a while: a step needs it back on the parameter's device.</summary>
    /// <param name="device">The device.</param>
    /// <exception cref="ArgumentException">The meta device, which would lose the content.</exception>
    public override void to(Device device)
    {
        ArgumentNullException.ThrowIfNull(device);
        if (device.type == DeviceType.META)
            throw new ArgumentException("On the meta device the momentum would be lost.", nameof(device));
        if (momentum_buffer is not null) Replace(momentum_buffer.to(device, copy: true));
    }

    /// <summary>
    /// Called by TorchSharp's own <c>save_state_dict</c>: the first parameter's state writes that of the whole optimizer, the
    /// others nothing.
    /// </summary>
    /// <param name="writer">The writer.</param>
    public override void SaveStateDict(BinaryWriter writer) => _owner.SaveFor(this, writer);

    /// <summary>
    /// Called by TorchSharp's own <c>load_state_dict</c>: reads and checks what <see cref="SaveStateDict"/> wrote.
    /// </summary>
    /// <param name="reader">The reader.</param>
    /// <exception cref="StateFileException">As in <see cref="ScaledSGD.load_state_dict(BinaryReader)"/>.</exception>
    public override void LoadStateDict(BinaryReader reader) => _owner.LoadFor(this, reader);

    /// <summary>Copies the momentum of another parameter of the same shape, converting it to this one's dtype.</summary>
    /// <param name="source">State of an optimizer here or of TorchSharp's SGD.</param>
    /// <exception cref="ArgumentException">State of another optimizer or shape.</exception>
    public override void LoadStateDict(OptimizerState source) => Replace(CopyOf(source));

    /// <summary>A copy of another state's momentum in this parameter's dtype on its device.</summary>
    internal Tensor? CopyOf(OptimizerState source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var other = source switch
        {
            SGDState own => own.momentum_buffer,
            SGD.State torch => torch.momentum_buffer,
            _ => throw new ArgumentException($"State of another optimizer: {source.GetType().FullName}.", nameof(source)),
        };
        if (other is null) return null;
        if (!other.shape.SequenceEqual(_parameter.shape))
            throw new ArgumentException(
                $"The momentum has shape {Describe.Shape(other)}, its parameter {Describe.Shape(_parameter)}.", nameof(source));
        return other.to(_parameter.dtype, _parameter.device, copy: true);
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
