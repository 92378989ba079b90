namespace LocalHessian.Scaling;

/// <summary>Random vectors from a generator of their own: the global random state is not touched.</summary>
internal sealed class Probe : IDisposable
{
    private readonly Generator _generator;

    /// <param name="seed">Seed of the measurements.</param>
    /// <param name="refresh">Which of them; so that a resumed run needs no generator state.</param>
    // On the CPU, whatever the device: the same seed gives the same signs everywhere.
    public Probe(long seed, long refresh) =>
        _generator = new Generator(unchecked((ulong)(seed * 6364136223846793005L + refresh * 1442695040888963407L + 1)), CPU);

    /// <summary>Random signs of a tensor's shape, dtype and device.</summary>
    public Tensor Signs(Tensor like)
    {
        using var ungraded = no_grad();
        return randint(0, 2, like.shape, ScalarType.Float32, CPU,
            generator: _generator).mul_(2).sub_(1).to(like.dtype).to(like.device);
    }

    /// <summary>
    /// v with covariance diag(p) − ppᵀ over dimension 1, p the softmax of the output and ε random signs:
    /// v = √p∘ε − p⟨√p, ε⟩. So E‖Aᵀv‖² = tr(AᵀH_J A), H_J the Hessian of cross entropy summed over the batch.
    /// </summary>
    public Tensor CrossEntropy(Tensor output)
    {
        using var ungraded = no_grad();
        Tensor p = nn.functional.softmax(output.detach(), 1), weighted = p.sqrt() * Signs(output);
        return weighted - p * weighted.sum(1, keepdim: true);
    }

    /// <summary>The vector at the network's output.</summary>
    public Tensor AtOutput(Tensor output, HeadRule head) => head == HeadRule.CrossEntropy ? CrossEntropy(output) : Signs(output);

    public void Dispose() => _generator.Dispose();
}
