namespace LocalHessian.Internal;

/// <summary>
/// Everything a forward pass may change in a network without being asked to: running statistics and other buffers, the
/// training flag of each module, the state of the CPU random generator. Disposing puts it back.
/// </summary>
/// <remarks>
/// TorchSharp does not expose the state of CUDA's default generators; passes under a snapshot that must not draw from
/// them run in evaluation mode.
/// </remarks>
internal sealed class NetworkSnapshot : IDisposable
{
    private readonly nn.Module _network;
    private readonly (nn.Module Module, bool Training)[] _modes;
    private readonly (Tensor Buffer, Tensor Copy)[] _buffers;
    private readonly Tensor _random;

    public NetworkSnapshot(nn.Module network)
    {
        _network = network;
        _modes = NetworkParts.Modules(network).Select(m => (m.Module, m.Module.training)).ToArray();
        using var ungraded = no_grad();
        _buffers = network.buffers().Select(b => (b, b.clone().DetachFromDisposeScope())).ToArray();
        _random = random.get_rng_state().DetachFromDisposeScope();
    }

    /// <summary>Puts the network in evaluation mode until the snapshot is disposed.</summary>
    public NetworkSnapshot Evaluating()
    {
        _network.eval();
        return this;
    }

    public void Dispose()
    {
        // A module's train() also sets its children, which come later in the list and so have the last word.
        foreach (var (module, training) in _modes)
            if (module.training != training) module.train(training);

        using var ungraded = no_grad();
        foreach (var (buffer, copy) in _buffers)
        {
            // An unconditional copy would count as a change and spoil a graph that the caller keeps.
            if (!Same(buffer, copy)) buffer.copy_(copy);
            copy.Dispose();
        }

        random.set_rng_state(_random);
        _random.Dispose();
    }

    private static bool Same(Tensor buffer, Tensor copy)
    {
        using var scope = NewDisposeScope();
        return buffer.Equals(copy);
    }
}
