using static TorchSharp.torch;

namespace LocalHessian.Mpi;

/// <summary>
/// Tensors of one dtype as one contiguous piece of the host's memory: where they lie, if they lie one behind the other there,
/// else a copy.
/// </summary>
internal sealed class FlatBuffer
{
    private readonly IReadOnlyList<Tensor> _tensors;
    private readonly Tensor? _gathered;

    private FlatBuffer(IReadOnlyList<Tensor> tensors, Tensor host, Tensor? gathered) =>
        (_tensors, Numbers, _gathered) = (tensors, host, gathered);

    /// <summary>All values one behind the other, float32 or float64 on the CPU.</summary>
    public Tensor Numbers { get; }

    public static FlatBuffer Of(IReadOnlyList<Tensor> tensors)
    {
        if (InPlace(tensors) is { } run) return new FlatBuffer(tensors, run, null);
        var gathered = tensors.Count == 1 ? tensors[0].reshape(-1) : cat([.. tensors.Select(t => t.reshape(-1))]);
        var host = gathered.cpu().to(gathered.dtype == ScalarType.Float64 ? ScalarType.Float64 : ScalarType.Float32).contiguous();
        return new FlatBuffer(tensors, host, gathered);
    }

    /// <summary>Writes the values back to where they came from.</summary>
    public void Scatter()
    {
        if (_gathered is null) return;
        _gathered.copy_(Numbers);
        var at = 0L;
        foreach (var tensor in _tensors)
        {
            tensor.copy_(_gathered.narrow(0, at, tensor.numel()).view(tensor.shape));
            at += tensor.numel();
        }
    }

    private static Tensor? InPlace(IReadOnlyList<Tensor> tensors)
    {
        var first = tensors[0];
        var total = 0L;
        if (first.device_type != TorchSharp.DeviceType.CPU || first.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            return null;
        foreach (var tensor in tensors)
        {
            var behind = tensor.is_contiguous() && tensor.storage_offset() == first.storage_offset() + total;
            if (!behind || !SameStorage(tensor, first)) return null;
            total += tensor.numel();
        }

        return first.as_strided([total], [1], first.storage_offset());
    }

    private static unsafe bool SameStorage(Tensor a, Tensor b)
    {
        fixed (byte* atA = a.bytes, atB = b.bytes)
            return atA - atB == (a.storage_offset() - b.storage_offset()) * a.element_size();
    }
}
