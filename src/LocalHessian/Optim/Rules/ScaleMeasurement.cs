using LocalHessian.Blocks;
using LocalHessian.Scaling;

namespace LocalHessian.Optim;

/// <summary>
/// Measures. Composite scales on the training's own forward pass, from which nothing but their numbers is kept until the step
/// takes them; scales of blocks at the step, on a pass of their own, because the signal is known after the loss, and because
/// running statistics that are changed and put back in the forward pass would spoil the caller's graph.
/// </summary>
internal sealed class ScaleMeasurement(NetworkStructure network, ScalingOptions options, IReadOnlyList<Parameter> parameters)
    : IDisposable
{
    private readonly List<Reading> _measured = [];
    private (Tensor Input, Tensor Output)? _pass;

    /// <summary>How many measurements wait for the step.</summary>
    public int Waiting => _measured.Count;

    /// <summary>
    /// What a forward pass of the network that is due hands over; returns the output to go on with, or null for the same.
    /// </summary>
    public Tensor? Forwarded(Tensor input, Tensor output, long refresh)
    {
        if (SegmentedPass.IsRunning || !network.Network.training || !is_grad_enabled() || !output.requires_grad
            || output.numel() == 0) return null;
        if (options.Source == ScaleSource.Composite)
        {
            Measure(output, refresh);
            return null;
        }

        ForgetPass();
        output.retain_grad();
        _pass = (input.alias().DetachFromDisposeScope(), output.DetachFromDisposeScope());
        return output.alias();
    }

    /// <summary>Measures composite scales now.</summary>
    /// <param name="output">The network's output with its graph, which is kept.</param>
    /// <param name="refresh">Which refresh it is; the random vectors follow from it.</param>
    public void Measure(Tensor output, long refresh)
    {
        var settings = options.Measurement;
        using var probe = new Probe(settings.Seed, refresh);
        Keep(output, () => CompositeMeasurement.Of(output, parameters, probe, settings.Probes, options.Head));
    }

    /// <summary>At the step: what has been measured since the last one. It is the caller's to dispose.</summary>
    /// <param name="refresh">Which refresh the next is.</param>
    public IReadOnlyList<Reading> Collect(long refresh)
    {
        if (_pass is ({ } input, { } output))
        {
            if (output.grad is { } signal) MeasureBlocks(input, output, signal, refresh);
            ForgetPass();
        }

        if (_measured.Count == 0) return [];
        var taken = _measured.ToArray();
        _measured.Clear();
        return taken;
    }

    public void Forget()
    {
        ForgetPass();
        foreach (var measured in _measured) measured.Values.Dispose();
        _measured.Clear();
    }

    public void Dispose() => Forget();

    private void MeasureBlocks(Tensor input, Tensor output, Tensor signal, long refresh)
    {
        var settings = options.Measurement;
        using var probe = new Probe(settings.Seed, refresh);
        var call = NetworkCall.Of((nn.Module<Tensor, Tensor>)network.Network, input);
        Keep(output, () => options.Source == ScaleSource.BlockTrace
            ? BlockMeasurement.Trace(network, call, parameters, probe, settings.Probes, options.Head)
            : BlockMeasurement.Rayleigh(network, call, parameters, signal));
    }

    private void Keep(Tensor output, Func<Measures> measure)
    {
        using var scope = NewDisposeScope();
        using var graded = enable_grad();
        var measures = measure();
        _measured.Add(new(measures.Values.detach().DetachFromDisposeScope(), measures.Reached,
            (double)output.numel() / output.shape[0]));
    }

    private void ForgetPass()
    {
        _pass?.Input.Dispose();
        _pass?.Output.Dispose();
        _pass = null;
    }

    /// <summary>One measurement.</summary>
    /// <param name="Values">h, float64, one element a parameter.</param>
    /// <param name="Reached">Whether the output depends on the parameter.</param>
    /// <param name="Outputs">D_B, outputs of the network a sample.</param>
    internal sealed record Reading(Tensor Values, bool[] Reached, double Outputs);
}
