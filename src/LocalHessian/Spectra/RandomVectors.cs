using static TorchSharp.torch;

namespace LocalHessian.Spectra;

/// <summary>Random vectors from a generator of their own: the global random state is neither read nor moved.</summary>
/// <remarks>Drawn on the CPU in the working precision, so that a seed gives the same vectors on every device.</remarks>
internal sealed class RandomVectors(long seed) : IDisposable
{
    private readonly Generator _generator = new(unchecked((ulong)seed), CPU);

    /// <summary>Standard normal entries, <c>(size, count)</c>.</summary>
    public Tensor Normal(LinearOperator like, long count = 1) =>
        randn([like.Size, count], Precision.Working(like.Dtype), generator: _generator).to(like.Device);

    /// <summary>Entries −1 and 1 with equal chance, <c>(size, count)</c>.</summary>
    public Tensor Signs(LinearOperator like, long count) =>
        empty([like.Size, count], Precision.Working(like.Dtype)).bernoulli_(0.5, _generator).mul_(2).sub_(1).to(like.Device);

    public void Dispose() => _generator.Dispose();
}
