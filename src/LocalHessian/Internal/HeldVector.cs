namespace LocalHessian.Internal;

/// <summary>A few numbers of the host on a device, copied there only when they have changed: such a copy waits for the
/// device.</summary>
/// <param name="dtype">The dtype there.</param>
internal sealed class HeldVector(ScalarType dtype) : IDisposable
{
    private double[] _values = [];
    private Tensor? _tensor;

    /// <summary>The numbers as a vector on the device. It belongs to this object, and lives until they change.</summary>
    public Tensor Of(double[] values, Device device)
    {
        if (_tensor is not null && _tensor.device_type == device.type && (device.index < 0
            || _tensor.device_index == device.index)
            && values.AsSpan().SequenceEqual(_values)) return _tensor;
        _tensor?.Dispose();
        using var scope = NewDisposeScope();
        _tensor = tensor(values, ScalarType.Float64, CPU).to(dtype).to(device).DetachFromDisposeScope();
        _values = values;
        return _tensor;
    }

    public void Dispose()
    {
        _tensor?.Dispose();
        _tensor = null;
    }
}
