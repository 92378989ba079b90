using TorchSharp.Modules;
using static TorchSharp.torch;

namespace LocalHessian.Internal;

/// <summary>
/// Keeps running statistics from moving in a training-mode pass whose graph is to be kept. Putting them back afterwards
/// would count as an in-place change and spoil the graph, which refers to them; with a momentum of zero they do not move.
/// </summary>
internal sealed class HeldStatistics : IDisposable
{
    private readonly (NormBase Norm, double? Momentum)[] _held;

    public HeldStatistics(nn.Module network)
    {
        _held = network.modules().Prepend(network).OfType<NormBase>().Distinct()
            .Where(n => n.training).Select(n => (n, n.momentum)).ToArray();
        foreach (var (norm, _) in _held) norm.momentum = 0;
    }

    public void Dispose()
    {
        foreach (var (norm, momentum) in _held) norm.momentum = momentum;
    }
}
