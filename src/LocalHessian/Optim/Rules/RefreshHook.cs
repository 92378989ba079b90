namespace LocalHessian.Optim;

/// <summary>
/// Shows a network's forward passes to the measurement. Between refreshes it costs one call that does nothing. The network
/// does not keep the optimizer alive.
/// </summary>
internal sealed class RefreshHook : IDisposable
{
    private readonly Action _remove;

    public RefreshHook(nn.Module<Tensor, Tensor> network, MeasuredRule rule)
    {
        var weak = new WeakReference<MeasuredRule>(rule);
        _remove = network.register_forward_hook((_, input, output) =>
            weak.TryGetTarget(out var target) ? target.Forwarded(input, output)! : null!).remove;
    }

    public void Dispose() => _remove();
}
