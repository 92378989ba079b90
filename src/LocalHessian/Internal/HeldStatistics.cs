using System.Runtime.CompilerServices;

namespace LocalHessian.Internal;

/// <summary>
/// Keeps running statistics from moving, and from being referred to, in a training-mode pass whose graph is kept: putting
/// them back afterwards would count as an in-place change and spoil the graph.
/// </summary>
/// <remarks>
/// Batch norm in training mode does not read its running statistics; without tracking it neither writes them, which also
/// keeps the NaN of a variance over one value out of them. Instance norm writes them always: with a momentum of zero they stay.
/// </remarks>
internal sealed class HeldStatistics : IDisposable
{
    private readonly BatchNorm[] _tracking;
    private readonly (NormBase Norm, double? Momentum)[] _others;

    public HeldStatistics(nn.Module network)
    {
        var training = NetworkParts.Modules(network).Select(m => m.Module).OfType<NormBase>().Where(n => n.training).ToList();
        _tracking = training.OfType<BatchNorm>().Where(n => n.track_running_stats).ToArray();
        _others = training.Where(n => n is not BatchNorm).Select(n => (n, n.momentum)).ToArray();
        foreach (var norm in _tracking) Track(norm, false);
        foreach (var (norm, _) in _others) norm.momentum = 0;
    }

    public void Dispose()
    {
        foreach (var norm in _tracking) Track(norm, true);
        foreach (var (norm, momentum) in _others) norm.momentum = momentum;
    }

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "set_track_running_stats")]
    private static extern void Track(NormBase norm, bool value);
}
